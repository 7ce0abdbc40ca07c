import type { Redis } from 'ioredis';

/** A Redis restart takes a second or two; who was away longer reads Postgres anyway. */
const KEEP_MS = 30_000;
const KEEP_FRAMES = 10_000;

interface Publication {
  channel: string;
  payload: string;
  frames: number;
  at: number;
}

/** Publishes in order without ever waiting: while Redis is away, the last frames are kept within bounds and sent on return. */
export class FramePublisher {
  readonly #redis: Redis;
  #kept: Publication[] = [];
  #keptFrames = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('ready', () => this.#sendKept());
  }

  publish(channel: string, frames: readonly object[]): void {
    const publication = { channel, payload: JSON.stringify(frames), frames: frames.length, at: Date.now() };
    if (this.#redis.status === 'ready' && this.#kept.length === 0) this.#send(publication);
    else this.#keep(publication);
  }

  #send(publication: Publication): void {
    this.#redis.publish(publication.channel, publication.payload).catch(() => {
      // A Redis that is there and refuses (full, read-only) would refuse it again.
      if (this.#redis.status !== 'ready') this.#keep(publication);
    });
  }

  #keep(publication: Publication): void {
    this.#kept.push(publication);
    this.#keptFrames += publication.frames;
    while (this.#keptFrames > KEEP_FRAMES) this.#keptFrames -= this.#kept.shift()?.frames ?? this.#keptFrames;
  }

  #sendKept(): void {
    const oldest = Date.now() - KEEP_MS;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptFrames = 0;
    for (const publication of kept) if (publication.at >= oldest) this.#send(publication);
  }
}

import type { ServerFrame } from '../../contracts/frames.ts';
import type { Message } from '../../contracts/message.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';

/** An acknowledged message whose echo has not come by then was perhaps lost on its way through the hub. */
const ECHO_WITHIN_MS = 1_500;
/** What came before the backfill was done; beyond, Postgres is read once more instead. */
const MAX_HELD_FRAMES = 1_000;

/**
 * What one socket has been sent of its conversation. Every message goes out once and in the order of `seq`, whether it
 * came from the hub or from Postgres; where one is missing, `readAt` says when to look into Postgres.
 */
export class LiveStream {
  readonly ref: ConversationRef;
  /** When Postgres is to be read, epoch milliseconds; Infinity while nothing is known to be missing. */
  readAt = Number.POSITIVE_INFINITY;
  /** When Postgres was last read. */
  lastReadAt = Date.now();
  readonly #send: (frame: ServerFrame) => void;
  readonly #awaitedEchoes = new Set<string>();
  #sentSeq: number;
  #held: ServerFrame[] | undefined = [];
  /** Somebody was seen typing since the last answer. */
  #typing = false;

  /** Holds back what the hub brings until {@link goLive}. */
  constructor(ref: ConversationRef, since: number, send: (frame: ServerFrame) => void) {
    this.ref = ref;
    this.#sentSeq = since;
    this.#send = send;
  }

  get sentSeq(): number {
    return this.#sentSeq;
  }

  /** Frames from the hub: may repeat, may come with holes. */
  offer(frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      if (this.#held) this.#hold(frame);
      else if (frame.type === 'message') this.#offerMessage(frame);
      else this.#pass(frame);
    }
  }

  /** Messages from Postgres, ascending: complete as far as they go. */
  deliver(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.seq > this.#sentSeq) this.#sendMessage({ type: 'message', ...message });
    }
  }

  /** What up to `seq` was not sent is not there any more. */
  skipTo(seq: number): void {
    this.#sentSeq = Math.max(this.#sentSeq, seq);
  }

  goLive(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.offer(held);
  }

  expectEcho(clientMessageId: string): void {
    this.#awaitedEchoes.add(clientMessageId);
    this.readBy(Date.now() + ECHO_WITHIN_MS);
  }

  /** Postgres is to be read at that time at the latest. */
  readBy(at: number): void {
    this.readAt = Math.min(this.readAt, at);
  }

  /** Postgres is being read: all that is known to be missing until now is on its way, or will come through the hub. */
  startRead(): void {
    this.lastReadAt = Date.now();
    this.readAt = Number.POSITIVE_INFINITY;
    this.#awaitedEchoes.clear();
  }

  /** An answer is typed before it is there: what the hub lost of that is made good. */
  #announce(): void {
    if (!this.#typing) {
      this.#send({ type: 'typing', active: true, author: 'ai' });
      this.#send({ type: 'typing', active: false, author: 'ai' });
    }
    this.#typing = false;
  }

  #hold(frame: ServerFrame): void {
    if (this.#held && this.#held.length < MAX_HELD_FRAMES) this.#held.push(frame);
    else this.readBy(0);
  }

  #offerMessage(frame: ServerFrame & { type: 'message' }): void {
    if (frame.seq <= this.#sentSeq) return;
    if (frame.seq === this.#sentSeq + 1) this.#sendMessage(frame);
    else this.readBy(0);
  }

  #pass(frame: ServerFrame): void {
    if (frame.type === 'typing') this.#typing = frame.active || this.#typing;
    if (frame.type === 'conversation_reset') this.skipTo(frame.upToSeq);
    this.#send(frame);
  }

  #sendMessage(frame: ServerFrame & { type: 'message' }): void {
    if (frame.author.kind === 'ai' && !this.#held) this.#announce();
    this.#send(frame);
    this.#sentSeq = frame.seq;
    if (!frame.clientMessageId || !this.#awaitedEchoes.delete(frame.clientMessageId)) return;
    if (this.#awaitedEchoes.size === 0 && this.readAt > Date.now()) this.readAt = Number.POSITIVE_INFINITY;
  }
}

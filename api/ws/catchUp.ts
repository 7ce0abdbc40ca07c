import type { Logger } from 'pino';
import type { Hub } from '../../channels/web/hub.ts';
import type { Message } from '../../contracts/message.ts';
import type { Db } from '../../db/createDb.ts';
import { listMissingMessages } from '../../db/queries/listMissingMessages.ts';
import type { Words } from '../../db/words.ts';
import type { LiveStream } from './liveStream.ts';

const TICK_MS = 200;
/** Without the hub everything comes from Postgres, this often. */
const POLL_MS = 1_000;
/** With it, a look now and then finds what was lost without a trace (a worker that could not publish). */
const SWEEP_MS = 15_000;
const RETRY_MS = 1_000;
const BATCH_CONVERSATIONS = 500;
const PAGE_MESSAGES = 100;

interface CatchUpOptions {
  db: Db;
  words: Words;
  hub: Hub;
  logger: Logger;
  onCaughtUp: (messages: number) => void;
}

/**
 * Brings the streams of one instance what the hub did not: one timer and one query a tenant for all that are due,
 * so that nothing depends on pub/sub for correctness.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #streams = new Set<LiveStream>();
  readonly #timer: NodeJS.Timeout;
  readonly #removeGapListener: () => void;
  #round: Promise<void> | undefined;
  #closed = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#removeGapListener = options.hub.onGap(() => {
      for (const stream of this.#streams) stream.readBy(0);
    });
  }

  /** Watches the stream until the returned function is called. */
  follow(stream: LiveStream): () => void {
    this.#streams.add(stream);
    return () => this.#streams.delete(stream);
  }

  /** Resolves when no query is under way any more; the rest of a round is left out. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#removeGapListener();
    this.#streams.clear();
    await this.#round;
  }

  #tick(): void {
    if (this.#round) return;
    const due = this.#dueStreams();
    if (due.length > 0) {
      this.#round = this.#read(due).finally(() => {
        this.#round = undefined;
      });
    }
  }

  #dueStreams(): LiveStream[] {
    const now = Date.now();
    const readBefore = now - (this.#options.hub.connected ? SWEEP_MS : POLL_MS);
    return [...this.#streams].filter((stream) => stream.readAt <= now || stream.lastReadAt <= readBefore);
  }

  async #read(due: LiveStream[]): Promise<void> {
    for (const [tenantId, streams] of groupByTenant(due)) {
      for (let start = 0; start < streams.length; start += BATCH_CONVERSATIONS) {
        await this.#readBatch(tenantId, streams.slice(start, start + BATCH_CONVERSATIONS));
      }
    }
  }

  async #readBatch(tenantId: string, streams: LiveStream[]): Promise<void> {
    const positions = streams.map(({ ref, sentSeq }) => ({ conversationId: ref.conversationId, since: sentSeq }));
    if (this.#closed) return;
    // What becomes known to be missing from here on is asked for again.
    for (const stream of streams) stream.startRead();
    try {
      const missing = await listMissingMessages(this.#options, tenantId, positions, PAGE_MESSAGES);
      for (const stream of streams) this.#deliver(stream, missing.get(stream.ref.conversationId) ?? []);
    } catch (err) {
      this.#options.logger.warn({ err, tenant_id: tenantId, streams: streams.length }, 'catching up failed');
      for (const stream of streams) stream.readBy(Date.now() + RETRY_MS);
    }
  }

  #deliver(stream: LiveStream, messages: readonly Message[]): void {
    const before = stream.sentSeq;
    stream.deliver(messages);
    if (stream.sentSeq > before) this.#options.onCaughtUp(stream.sentSeq - before);
    if (messages.length === PAGE_MESSAGES) stream.readBy(0);
  }
}

function groupByTenant(streams: LiveStream[]): Map<string, LiveStream[]> {
  const groups = new Map<string, LiveStream[]>();
  for (const stream of streams) {
    const group = groups.get(stream.ref.tenantId);
    if (group) group.push(stream);
    else groups.set(stream.ref.tenantId, [stream]);
  }
  return groups;
}

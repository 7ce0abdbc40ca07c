import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../../contracts/errors.ts';
import type { ClientFrame, ServerFrame } from '../../contracts/frames.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Engine } from '../engine.ts';
import { RecentSet } from '../recentSet.ts';

const REMEMBERED = 50_000;

/** While the engine or the database is away; a client that knew of it could not do more. */
const PAUSES_MS = [1_000, 5_000, 30_000];

/** A widget that comes back says two, and a visitor has a handful of tabs. */
const LOOK_UPS_A_MINUTE = 20;
const MINUTE_MS = 60_000;

/** Receipts that wait for a repetition; each is a timer and some hundred bytes. */
const MOST_WAITING = 5_000;

type Receipt = Extract<ClientFrame, { type: 'receipt' }>;

/** How agents learn what the visitor has seen of their answers. */
export interface Receipts {
  /** This frame went to the visitor's client. */
  sent(ref: ConversationRef, frame: ServerFrame): void;
  /** The client says how far the visitor has come. Only an agent's message can be acknowledged, and once. */
  acknowledge(ref: ConversationRef, receipt: Receipt): void;
}

export interface ReceiptsOptions {
  engine: Pick<Engine, 'signalVisitorSaw'>;
  /** Whether an agent said this: asked for what another instance, another socket or a page of messages has brought. */
  wasSaidByAgent(ref: ConversationRef, messageId: string): Promise<boolean>;
  /** A receipt was given up. */
  onLost(error: unknown): void;
  /** Milliseconds before each repetition. */
  pausesMs?: readonly number[];
}

/**
 * Hands receipts of agents' messages to the conversation: at most two a message and instance, however many tabs report them.
 * Best effort, repeated for some seconds while the engine or the database is away.
 */
export function createReceipts(options: ReceiptsOptions): Receipts {
  const { engine, wasSaidByAgent, onLost, pausesMs = PAUSES_MS } = options;
  const sent = new RecentSet(REMEMBERED);
  const reported = new RecentSet(REMEMBERED);
  const lookUps = new LookUps();
  let waiting = 0;

  async function isAgents(ref: ConversationRef, messageId: string): Promise<boolean> {
    const message = nameOf(ref, messageId);
    if (sent.has(message)) return true;
    if (!lookUps.take(ref.conversationId) || !(await wasSaidByAgent(ref, messageId))) return false;
    sent.add(message);
    return true;
  }

  async function report(ref: ConversationRef, { messageId, status }: Receipt): Promise<void> {
    if (await isAgents(ref, messageId)) await engine.signalVisitorSaw(ref, { messageId, status });
  }

  async function reportPatiently(ref: ConversationRef, receipt: Receipt): Promise<void> {
    for (const pauseMs of pausesMs) {
      try {
        return await report(ref, receipt);
      } catch (error) {
        if (isFinal(error) || waiting >= MOST_WAITING) throw error;
      }
      waiting += 1;
      await sleep(pauseMs, undefined, { ref: false });
      waiting -= 1;
    }
    await report(ref, receipt);
  }

  return {
    sent(ref, frame) {
      if (frame.type === 'message' && frame.author.kind === 'agent') sent.add(nameOf(ref, frame.id));
    },
    acknowledge(ref, receipt) {
      const mark = `${nameOf(ref, receipt.messageId)}/${receipt.status}`;
      if (reported.has(mark)) return;
      reported.add(mark);
      void reportPatiently(ref, receipt).catch((error: unknown) => {
        // The client may say it again.
        reported.delete(mark);
        onLost(error);
      });
    },
  };
}

/** Counts look-ups, so that nobody floods the database with made-up ids. */
class LookUps {
  readonly #counts = new Map<string, number>();
  #endsAt = 0;

  /** False when the conversation has had its share of this minute. */
  take(conversationId: string): boolean {
    const now = Date.now();
    if (now >= this.#endsAt) {
      this.#counts.clear();
      this.#endsAt = now + MINUTE_MS;
    }
    const count = (this.#counts.get(conversationId) ?? 0) + 1;
    this.#counts.set(conversationId, count);
    return count <= LOOK_UPS_A_MINUTE;
  }
}

function nameOf({ conversationId }: ConversationRef, messageId: string): string {
  return `${conversationId}/${messageId}`;
}

/** No repetition can help. */
function isFinal(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'conversation_not_found';
}

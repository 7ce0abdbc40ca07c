import type { ClientFrame, ServerFrame } from '../../contracts/frames.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Engine } from '../engine.ts';
import { RecentSet } from '../recentSet.ts';

const REMEMBERED = 50_000;

/** How agents learn what the visitor has seen of their answers. */
export interface Receipts {
  /** This frame went to the visitor's client. */
  sent(ref: ConversationRef, frame: ServerFrame): void;
  /** The client says how far the visitor has come. Only what this instance has sent can be acknowledged, and once. */
  acknowledge(ref: ConversationRef, receipt: Extract<ClientFrame, { type: 'receipt' }>): void;
}

/**
 * Hands receipts of agents' messages to the conversation: at most two a message, however many tabs report them. Best effort;
 * `onLost` is called with the code of what went wrong.
 */
export function createReceipts(engine: Pick<Engine, 'signalVisitorSaw'>, onLost: (error: unknown) => void): Receipts {
  const sent = new RecentSet(REMEMBERED);
  const reported = new RecentSet(REMEMBERED);
  return {
    sent({ conversationId }, frame) {
      if (frame.type === 'message' && frame.author.kind === 'agent') sent.add(`${conversationId}/${frame.id}`);
    },
    acknowledge(ref, { messageId, status }) {
      const message = `${ref.conversationId}/${messageId}`;
      if (!sent.has(message) || reported.has(`${message}/${status}`)) return;
      reported.add(`${message}/${status}`);
      void engine.signalVisitorSaw(ref, { messageId, status }).catch(onLost);
    },
  };
}

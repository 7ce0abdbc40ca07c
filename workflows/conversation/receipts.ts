import type { VisitorSawSignal } from '../../contracts/conversation.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import type { Spoken } from './state.ts';
import type { Context } from './turn.ts';

/** Both are among the reactions that every group has. */
const EMOJI = { delivered: '👀', read: '👍' } as const;

/** A visitor who comes back after more answers than that reads the newest ones. */
const REMEMBERED = 20;

const TELEGRAM_KEY = /^tg:-?\d+:(\d+)$/;

/** Where a message stands that we put into the topic: the ledger knows it by then. */
const BY_LEDGER = 0;

/**
 * Notes a message of an agent that stands in the topic; `key` is the one with which it came from there, absent for a prepared
 * answer, which we put there.
 */
export function rememberSpoken(
  { state }: Context,
  { key, messageId, hasFiles }: { key?: string; messageId: string; hasFiles?: boolean },
): void {
  const telegramMessageId = key === undefined ? BY_LEDGER : Number(TELEGRAM_KEY.exec(key)?.[1]);
  if (Number.isNaN(telegramMessageId)) return;
  const spoken: Spoken = { messageId, telegramMessageId, ...(hasFiles ? { hasFiles } : {}) };
  state.spoken = [...(state.spoken ?? []), spoken].slice(-REMEMBERED);
}

/** The visitor has got as far as this message. One reaction tells it, on the newest: more would cost a write each. */
export function onVisitorSaw(context: Context, { messageId, status }: VisitorSawSignal): void {
  const { spoken = [] } = context.state;
  const newest = spoken.findIndex((message) => message.messageId === messageId);
  const message = spoken[newest];
  if (!message || isThere(message, status)) return;
  for (const earlier of spoken.slice(0, newest + 1)) if (!isThere(earlier, status)) earlier.status = status;
  const { telegramMessageId } = message;
  if (!context.state.topicWanted) return;
  context.turn.outbox.push({
    key: `conv_reaction_${messageId}_${status}`,
    priority: OUTBOX_PRIORITY.reaction,
    effect: { kind: 'reaction', telegramMessageId, emoji: EMOJI[status] },
  });
}

function isThere({ status: reached }: Spoken, status: VisitorSawSignal['status']): boolean {
  return reached === 'read' || reached === status;
}

import type { Message, ReceiptStatus } from '../../contracts/message.ts';
import { lastOf } from './lastOf.ts';
import { DRAFT_LIFETIME_MS, QUEUE_LIMIT, TYPING_LIFETIME_MS } from './reduce.ts';
import type { Outgoing, OutgoingFile, WidgetState } from './types.ts';

/** Messages to the visitor that came since the panel was last in sight. */
export function unreadCount({ messages, seenSeq }: WidgetState): number {
  if (seenSeq === undefined) return 0;
  return messages.filter(({ direction, seq }) => direction === 'OUTBOUND' && seq > seenSeq).length;
}

/** The newest message to the visitor, while it is unread. */
export function latestUnread(state: WidgetState): Message | undefined {
  if (unreadCount(state) === 0) return undefined;
  return lastOf(state.messages.filter(({ direction }) => direction === 'OUTBOUND'));
}

/** How far the visitor has come in what agents said: of the newest message, nobody waits for the others'. */
export function dueReceipt({
  messages,
  seenSeq = 0,
}: WidgetState): { messageId: string; status: ReceiptStatus } | undefined {
  const newest = lastOf(messages.filter(({ author }) => author.kind === 'agent'));
  return newest && { messageId: newest.id, status: newest.seq <= seenSeq ? 'read' : 'delivered' };
}

export function isQueueFull({ outgoing }: WidgetState): boolean {
  return outgoing.length >= QUEUE_LIMIT;
}

/**
 * The message to write next. One at a time: the next waits for the ack, so that a refusal cannot change the order. It waits
 * for its files, and what was written after it waits behind it.
 */
export function nextToSend({ outgoing }: WidgetState): Outgoing | undefined {
  if (outgoing.some(({ phase }) => phase === 'inFlight')) return undefined;
  const next = outgoing.find(({ phase }) => phase === 'waiting');
  return next?.files?.some(({ uploaded }) => !uploaded) ? undefined : next;
}

/** The rating to write next, if the visitor has given one. */
export function ratingToSend({ rating }: WidgetState): number | undefined {
  return rating?.phase === 'waiting' ? rating.value : undefined;
}

/** The file to upload next: the first that the server does not have, of the messages that wait. */
export function nextToUpload({ outgoing }: WidgetState): OutgoingFile | undefined {
  const waiting = outgoing.filter(({ phase }) => phase === 'waiting');
  for (const { files = [] } of waiting) {
    const next = files.find(({ uploaded }) => !uploaded);
    if (next) return next;
  }
  return undefined;
}

/** True when the server has messages that we did not get. */
export function hasHole({ contiguousSeq, knownSeq }: WidgetState): boolean {
  return knownSeq > contiguousSeq;
}

/** Epoch milliseconds of the next `tick` that changes something. */
export function nextDeadline({ typing, drafts }: WidgetState): number | undefined {
  const deadlines = drafts.map(({ touchedAt }) => touchedAt + DRAFT_LIFETIME_MS);
  if (typing) deadlines.push(typing.since + TYPING_LIFETIME_MS);
  return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
}

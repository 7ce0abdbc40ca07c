import type { ChannelFailure } from '../../channels/port.ts';
import { parkedRetryMs } from '../../contracts/deliveryRetry.ts';
import type { Db } from '../../db/createDb.ts';
import {
  beginAnew,
  hasOpenRows,
  markPartlySent,
  markSent,
  markUnsettled,
  markWaiting,
  parkRows,
} from '../../db/queries/outbox/changeRows.ts';
import { forgetTopic, saveTopic } from '../../db/queries/outbox/changeTopic.ts';
import { type DeliveryAttempt, releaseDeliveryLease, type TopicChange } from '../../db/queries/outbox/deliveryLease.ts';
import { TOPIC_CLOSED } from '../../db/queries/outbox/peekDelivery.ts';
import { type TenantTx, withTenant } from '../../db/withTenant.ts';
import { REFUSED_TOGETHER } from './describeRow.ts';
import type { WriteDone, WriteResult } from './performWrite.ts';
import { afterRefusal, type FilesWrite } from './planFiles.ts';
import type { PlannedWrite } from './planWrite.ts';
import { isLook, isTopicChange, stopsAll } from './writeWeight.ts';

export interface WriteAttempt extends DeliveryAttempt {
  botId: string;
  chatId: string;
  write: PlannedWrite;
  /** How often the outage that goes on was met before. */
  tries: number;
}

export interface Settlement {
  settled: number;
  more: boolean;
}

/** How long a parked conversation waits before it looks whether the channel was repaired. */
export const PARKED_RETRY_MS = 60_000;

/** Whether the write says again what may be there already. There is one repetition only. */
export function isRepeat(write: PlannedWrite): boolean {
  return 'repeat' in write && write.repeat;
}

/**
 * Writes down what became of a write, in one transaction that ends the attempt. Undefined when the attempt had lost its lease:
 * the one that has it found the rows `sending` and deals with them.
 */
export function settleWrite(db: Db, attempt: WriteAttempt, result: WriteResult): Promise<Settlement | undefined> {
  return withTenant(db, attempt.tenantId, async (tx) => {
    if (!(await releaseDeliveryLease(tx, attempt, topicChange(attempt, result)))) return undefined;
    const settled = result.ok
      ? await settleDone(tx, attempt, result.done)
      : await settleFailed(tx, attempt, result.failure);
    return { settled, more: await hasOpenRows(tx, attempt) };
  });
}

function topicChange({ botId, write }: WriteAttempt, result: WriteResult): TopicChange {
  if (!result.ok) return changeByFailure(write, result.failure);
  switch (write.kind) {
    case 'create_topic':
      return { title: write.title, closed: false, creating: false, ...NO_CARD };
    case 'post_card':
      return { cardMessageId: result.done.messageId ?? null, cardBotId: botId, cardPinDue: true };
    case 'pin_card':
      return { cardPinDue: false };
    case 'edit_card':
    case 'react':
      return {};
    case 'rename':
    case 'retitle':
      return { title: write.title };
    case 'text':
    case 'files':
      return { lost: false, orphaned: false };
    default:
      return { closed: write.kind === 'close_topic' };
  }
}

/** The group's own rules forbid it, and repeating it cannot help. */
function isRefusal(failure: ChannelFailure): boolean {
  return failure.kind === 'rejected' || (failure.kind === 'parked' && failure.reason === 'rights_missing');
}

/** Of a topic without a card. */
const NO_CARD = { cardMessageId: null, cardBotId: null, cardPinDue: false };

function changeByFailure(write: PlannedWrite, failure: ChannelFailure): TopicChange {
  const { kind } = write;
  // Not tried again before the name is to be another one.
  if (kind === 'retitle' && isRefusal(failure)) return { title: write.title };
  if (kind === 'create_topic') {
    // Topics cannot be listed: the one that may be there stays, empty, and its successor says so.
    return failure.kind === 'unknown_outcome' ? { creating: false, orphaned: true } : { creating: false };
  }
  switch (failure.kind) {
    case 'topic_gone':
      return { lost: true, closed: false, title: null, ...NO_CARD };
    case 'topic_closed':
      return { closed: true };
    case 'message_gone':
      return kind === 'react' ? {} : NO_CARD;
    case 'parked':
      return kind === 'pin_card' && failure.reason === 'rights_missing' ? { cardPinDue: false } : {};
    default:
      return {};
  }
}

async function settleDone(tx: TenantTx, attempt: WriteAttempt, done: WriteDone): Promise<number> {
  const { write, botId, chatId } = attempt;
  if (write.kind === 'create_topic') {
    if (done.threadId !== undefined) await saveTopic(tx, attempt, { chatId, botId, threadId: done.threadId });
    await beginAnew(tx, attempt);
    return 0;
  }
  if (write.kind === 'post_card' && done.messageId !== undefined) {
    const progress = { partsSent: 1, telegramMessageIds: [done.messageId] };
    await Promise.all(write.keys.map((key) => markPartlySent(tx, attempt, key, progress)));
    return 0;
  }
  if (write.kind === 'files') return settleFiles(tx, attempt, write, done.messageIds ?? []);
  if (write.kind !== 'text') {
    await markSent(tx, attempt, write.keys);
    return write.keys.length;
  }
  const { complete, partial } = write.composed;
  const telegramMessageIds = done.messageId === undefined ? [] : [done.messageId];
  await markSent(tx, attempt, complete, ...telegramMessageIds);
  if (partial && done.messageId !== undefined) {
    const progress = { partsSent: partial.partsSent, telegramMessageIds };
    await markPartlySent(tx, attempt, partial.key, progress);
  }
  return complete.length;
}

async function settleFiles(
  tx: TenantTx,
  attempt: WriteAttempt,
  { keys, complete, partsSent }: FilesWrite,
  telegramMessageIds: readonly number[],
): Promise<number> {
  if (!complete) {
    await markPartlySent(tx, attempt, keys[0], { partsSent, telegramMessageIds });
    return 0;
  }
  await markSent(tx, attempt, keys, ...telegramMessageIds);
  return 1;
}

/** Returns how many rows are settled for good by the failure. */
async function settleFailed(tx: TenantTx, attempt: WriteAttempt, failure: ChannelFailure): Promise<number> {
  const { keys, kind } = attempt.write;
  switch (failure.kind) {
    case 'unknown_outcome':
      await markUnsettled(tx, attempt, keys, 'unknown', failure.description);
      return isRepeat(attempt.write) ? keys.length : 0;
    case 'rejected':
      if (attempt.write.kind === 'files') {
        await markWaiting(tx, attempt, keys, afterRefusal(attempt.write));
        return 0;
      }
      if (kind === 'retitle') return 0;
      if (stopsAll(attempt.write)) {
        await parkRows(tx, attempt, failure.kind, parkedRetryMs(PARKED_RETRY_MS, attempt.tries));
        return 0;
      }
      if (attempt.write.kind === 'text' && attempt.write.afterRefusal !== undefined) {
        await markWaiting(tx, attempt, keys, attempt.write.afterRefusal);
        return 0;
      }
      if (keys.length === 1) {
        await markUnsettled(tx, attempt, keys, 'failed', 'rejected');
        return 1;
      }
      await markWaiting(tx, attempt, keys, REFUSED_TOGETHER);
      return 0;
    case 'topic_gone':
      await markWaiting(tx, attempt, keys, failure.kind);
      await forgetTopic(tx, attempt);
      return 0;
    case 'message_gone':
      if (kind === 'react') {
        await markUnsettled(tx, attempt, keys, 'failed', failure.kind);
        return keys.length;
      }
      await markWaiting(tx, attempt, keys, failure.kind);
      return 0;
    case 'parked':
      if (failure.reason === 'rights_missing' && isLook(attempt.write)) {
        await markUnsettled(tx, attempt, keys, 'failed', failure.reason);
        return keys.length;
      }
      await markWaiting(tx, attempt, keys, failure.reason);
      if (failure.reason === 'rights_missing' && isTopicChange(attempt.write)) return 0;
      await parkRows(tx, attempt, failure.reason, parkedRetryMs(PARKED_RETRY_MS, attempt.tries));
      return 0;
    default:
      await markWaiting(tx, attempt, keys, failure.kind === 'topic_closed' ? TOPIC_CLOSED : failure.kind);
      return 0;
  }
}

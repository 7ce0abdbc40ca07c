import { randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { FileChannel, TopicAddress } from '../../channels/port.ts';
import { TELEGRAM_CALL_TIMEOUT_MS } from '../../channels/telegram/createBotCaller.ts';
import { FILE_TIMEOUT_MS } from '../../channels/telegram/createBotFiles.ts';
import type { TelegramConnection, TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { DeliverInput, DeliverOutcome, DeliveryActivities } from '../../contracts/activities.ts';
import { parkedRetryMs } from '../../contracts/deliveryRetry.ts';
import type { Db } from '../../db/createDb.ts';
import { changeLedgerRow } from '../../db/queries/ledger/changeLedgerRow.ts';
import { markUnsettled, parkRows } from '../../db/queries/outbox/changeRows.ts';
import type { DeliveryAttempt } from '../../db/queries/outbox/deliveryLease.ts';
import { type DeliveryHead, peekDelivery } from '../../db/queries/outbox/peekDelivery.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { Words } from '../../db/words.ts';
import type { FileStorage } from '../../storage/port.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import { type BegunWrite, beginWrite, type WriteTarget } from './beginWrite.ts';
import { busyFailure } from './deliveryFailures.ts';
import { followUpgrade } from './followUpgrade.ts';
import { keepSettling } from './keepSettling.ts';
import { alertOf, failureOutcome, restBot } from './outcomeOf.ts';
import { performWrite, type WriteResult } from './performWrite.ts';
import type { FilesWrite } from './planFiles.ts';
import { READ_FILES_WITHIN_MS, readFilesOf, sendFiles } from './sendFiles.ts';
import { isRepeat, PARKED_RETRY_MS, settleWrite, type WriteAttempt } from './settleWrite.ts';
import { isOut, slotNeed, takeSlot } from './takeSlot.ts';
import { isTopicChange } from './writeWeight.ts';

export interface DeliveryDependencies {
  db: Db;
  words: Words;
  slots: TelegramSlots;
  storage: Pick<FileStorage, 'open'>;
  telegram: TelegramDirectory;
  /** Has the tenant's other conversations try what they had to park. */
  retryParked(tenantId: string): Promise<unknown>;
  /** Where a person finds a conversation in the console, with `{conversationId}` in it; without one cards have no link. */
  consoleUrl?: string | undefined;
  logger: Pick<BaseLogger, 'warn' | 'error'>;
}

/** An attempt whose process stood still for longer than that after it took the lease must not write any more. */
const START_WITHIN_MS = 2_000;

/** A lease outlasts the longest call that may be under way when its holder dies. */
const LEASE_MS = START_WITHIN_MS + TELEGRAM_CALL_TIMEOUT_MS;

/** The same with files to be read and to be sent. */
const FILES_LEASE_MS = START_WITHIN_MS + READ_FILES_WITHIN_MS + FILE_TIMEOUT_MS;

/** After losing a race, not to a dead attempt: that one's lease says how long. */
const BUSY_RETRY_MS = 1_000;

const HEARTBEAT_EVERY_MS = 3_000;

/** Delivers the ledger `outbox` to the topics of Telegram groups. */
export function createDeliveryActivities(dependencies: DeliveryDependencies): DeliveryActivities {
  const { db, slots, telegram } = dependencies;

  async function deliver(input: DeliverInput): Promise<DeliverOutcome> {
    const { tenantId, conversationId } = input;
    // A repair may be another bot, or another group.
    if (input.repaired) telegram.forget(tenantId);
    const connections = await telegram.connectionsOf(tenantId);
    const outlook = await withTenant(db, tenantId, (tx) => peekDelivery(tx, input));
    const { waiting, chatId: topicChatId, leasedMs } = outlook;
    if (!waiting) return { kind: 'idle' };
    // A topic in a group that is not ours any more counts for nothing: the first group gets a new one.
    const connection = connections.find(({ chatId }) => chatId === topicChatId) ?? connections[0];
    if (!connection) return { kind: 'no_channel' };
    if (leasedMs > 0) throw busyFailure(leasedMs);
    const { chatId } = connection;
    const botIds = connection.bots.map(({ botId }) => botId);
    if (input.repaired) await slots.forgive(botIds, chatId);
    const hasTopic = topicChatId === chatId;
    const need = slotNeed(waiting, { hasTopic, head: outlook.head });
    const request = { chatId, owner: conversationId, ...need };
    let cardBotId = botIds.find((id) => id === outlook.cardBotId);
    // What one bot showed another cannot change: it edits its own card, and replaces its own reaction alone.
    const reactorBotId = botIds.find((id) => id === outlook.reactorBotId);
    const decorator = waiting.words ? undefined : waiting.card ? cardBotId : reactorBotId;
    let slot = await takeSlot(slots, { ...request, botIds: decorator === undefined ? botIds : [decorator] });
    if (decorator !== undefined && isOut(slot)) {
      // Another bot posts the card anew, or reacts beside it.
      cardBotId = undefined;
      slot = await takeSlot(slots, { ...request, botIds });
    }
    if (slot.kind === 'refused') {
      const { head } = outlook;
      // Where some bot may write, though none may change topics, what people say goes on.
      const isInTheWay = hasTopic && head && isTopicChange(head);
      const canWrite =
        isInTheWay && (await takeSlot(slots, { ...request, scope: 'messages', botIds })).kind !== 'refused';
      if (canWrite) return giveUp(input, head);
      return park(input, slot.reason, PARKED_RETRY_MS);
    }
    if (slot.kind === 'wait') {
      if (isOut(slot)) return park(input, 'throttled', slot.waitMs);
      return { kind: 'wait', waitMs: slot.waitMs, priority: need.priority };
    }
    const { botId, writes } = slot;
    const attempt = { tenantId, conversationId, attemptId: randomUUID(), tries: input.tries ?? 0 };
    const outcome = await writeAt({ botId, chatId, topicChatId, cardBotId, writes }, connection, attempt);
    // Nobody told of this repair, or the signal was lost: the others need not find out one by one.
    if (input.tries && !input.repaired && outcome.kind === 'sent' && outcome.settled > 0) await retryOthers(tenantId);
    return outcome;
  }

  /** Best effort: they try by themselves, though later. */
  async function retryOthers(tenantId: string): Promise<void> {
    await dependencies.retryParked(tenantId).catch((err: unknown) => {
      dependencies.logger.warn({ tenant_id: tenantId, err }, 'parked conversations were not told of a repair');
    });
  }

  /** No bot may change topics. */
  async function giveUp(ref: DeliverInput, { key }: DeliveryHead): Promise<DeliverOutcome> {
    await withTenant(db, ref.tenantId, (tx) => markUnsettled(tx, ref, [key], 'failed', 'rights_missing'));
    return { kind: 'sent', settled: 1, more: true };
  }

  /** Another conversation met what is broken, and its error is in the log. */
  async function park(ref: DeliverInput, reason: string, retryMs: number): Promise<DeliverOutcome> {
    await withTenant(db, ref.tenantId, (tx) => parkRows(tx, ref, reason, parkedRetryMs(retryMs, ref.tries ?? 0)));
    return { kind: 'parked', reason, retryMs };
  }

  async function writeAt(
    target: WriteTarget,
    connection: TelegramConnection,
    ids: DeliveryAttempt & Pick<WriteAttempt, 'tries'>,
  ): Promise<DeliverOutcome> {
    const startedAt = performance.now();
    const begun = await beginWrite(dependencies, ids, target, { leaseMs: LEASE_MS, filesLeaseMs: FILES_LEASE_MS });
    if (begun === 'idle') return { kind: 'idle' };
    if (begun === 'busy') throw busyFailure(BUSY_RETRY_MS);
    const attempt: WriteAttempt = { ...ids, botId: target.botId, chatId: target.chatId, write: begun.write };
    const written = await write(attempt, begun, connection, startedAt);
    const result = written.ok ? written : { ...written, failure: await followUpgrade(db, attempt, written.failure) };
    return await settle(attempt, begun.moot, result, connection);
  }

  async function write(
    attempt: WriteAttempt,
    { threadId }: BegunWrite,
    { bots }: TelegramConnection,
    startedAt: number,
  ): Promise<WriteResult> {
    const client = bots.find(({ botId }) => botId === attempt.botId)?.client;
    if (!client) return { ok: false, failure: { kind: 'unavailable', description: 'bot_removed' } };
    // There is one repetition only: it must not be spent on a network that is still down.
    if (isRepeat(attempt.write) && !(await client.answers())) {
      return { ok: false, failure: { kind: 'unavailable', description: 'no_answer' } };
    }
    if (performance.now() - startedAt > START_WITHIN_MS) {
      return { ok: false, failure: { kind: 'unavailable', description: 'stood_still' } };
    }
    const { chatId, write } = attempt;
    if (write.kind === 'files') return await writeFiles(attempt, write, client, { chatId, threadId: String(threadId) });
    return await performWrite(client, chatId, threadId, write);
  }

  async function writeFiles(
    ref: DeliveryAttempt,
    write: FilesWrite,
    client: FileChannel,
    topic: TopicAddress,
  ): Promise<WriteResult> {
    const startedAt = performance.now();
    const files = await readFilesOf(dependencies.storage, ref, write);
    if (!files.ok) return files;
    if (performance.now() - startedAt > READ_FILES_WITHIN_MS) {
      return { ok: false, failure: { kind: 'unavailable', description: 'storage_slow' } };
    }
    const sent = await sendFiles(client, topic, write, files.value);
    return sent.ok ? { ok: true, done: { messageIds: sent.value } } : sent;
  }

  async function settle(
    attempt: WriteAttempt,
    moot: number,
    result: WriteResult,
    { bots }: TelegramConnection,
  ): Promise<DeliverOutcome> {
    const otherBots = bots.length > 1;
    if (!result.ok) await restBot(slots, attempt, result.failure);
    const settlement = await keepSettling(() => settleWrite(db, attempt, result));
    if (!settlement) {
      log(attempt, result, 'an attempt lost its lease while it wrote; its rows are repeated with a mark');
      throw busyFailure(BUSY_RETRY_MS);
    }
    const total = { settled: settlement.settled + moot, more: settlement.more };
    if (result.ok) return { kind: 'sent', ...total };
    if (result.failure.kind === 'migrated') {
      const botIds = bots.map(({ botId }) => botId);
      await slots.moveGroup(botIds, attempt.chatId, result.failure.chatId);
      telegram.forget(attempt.tenantId);
    }
    log(attempt, result, 'a write to a topic failed');
    return failureOutcome(attempt, result.failure, total, otherBots);
  }

  /** Ids and stable words only. What somebody must act on, or will never know by itself, is an error and not a warning. */
  function log(attempt: WriteAttempt, result: WriteResult, message: string): void {
    const failure = result.ok ? undefined : result.failure;
    const reason = failure && alertOf(attempt.write, failure);
    dependencies.logger[reason ? 'error' : 'warn'](
      {
        tenant_id: attempt.tenantId,
        conversation_id: attempt.conversationId,
        bot_id: attempt.botId,
        chat_id: attempt.chatId,
        write: attempt.write.kind,
        failure: failure?.kind,
        reason,
      },
      message,
    );
  }

  return {
    deliverToTopic: (input) => whileHeartbeating(HEARTBEAT_EVERY_MS, () => deliver(input)),
    changeLedger: ({ change, ...ref }) => changeLedgerRow(db, ref, change),
  };
}

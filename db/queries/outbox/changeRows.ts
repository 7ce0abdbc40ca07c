import { and, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { outbox } from '../../schema/outbox.ts';
import type { TenantTx } from '../../withTenant.ts';
import type { DeliveryRef } from './deliveryLease.ts';
import { openRows } from './openRows.ts';

const now = sql`now()`;

function ofConversation({ tenantId, conversationId }: DeliveryRef) {
  return [eq(outbox.tenantId, tenantId), eq(outbox.conversationId, conversationId)];
}

function rows(ref: DeliveryRef, keys: readonly string[]) {
  return and(...ofConversation(ref), inArray(outbox.key, [...keys]));
}

/**
 * Rows that an attempt left in the middle: nobody knows whether its write arrived. Only the holder of the lease may ask. A
 * repetition that died with its worker does not count: it may never have left.
 */
export async function abandonSending(tx: TenantTx, ref: DeliveryRef): Promise<void> {
  await tx
    .update(outbox)
    .set({ state: 'unknown', repeated: false, lastError: 'attempt_lost', updatedAt: now })
    .where(and(openRows(ref), eq(outbox.state, 'sending')));
}

/** Before the call: whatever happens to this process now, the ledger knows that the rows may have gone out. */
export async function markSending(
  tx: TenantTx,
  ref: DeliveryRef,
  keys: readonly string[],
  target: { botId: string; chatId: string; threadId: number },
): Promise<void> {
  if (keys.length === 0) return;
  const attempt = {
    attempts: sql`${outbox.attempts} + 1`,
    repeated: sql`${outbox.state} = 'unknown'`,
    nextAttemptAt: null,
    updatedAt: now,
  };
  await tx
    .update(outbox)
    .set({ ...target, ...attempt, state: 'sending' })
    .where(rows(ref, keys));
}

/** Done, by the messages `telegramMessageIds` or without one. */
export async function markSent(
  tx: TenantTx,
  ref: DeliveryRef,
  keys: readonly string[],
  ...telegramMessageIds: readonly number[]
): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .update(outbox)
    .set({ state: 'sent', lastError: null, nextAttemptAt: null, updatedAt: now, ...withMessageIds(telegramMessageIds) })
    .where(rows(ref, keys));
}

/** Some parts of a long text are out. The next part has not been repeated yet. */
export async function markPartlySent(
  tx: TenantTx,
  ref: DeliveryRef,
  key: string,
  progress: { partsSent: number; telegramMessageIds: readonly number[] },
): Promise<void> {
  const { partsSent, telegramMessageIds } = progress;
  await tx
    .update(outbox)
    .set({ state: 'pending', repeated: false, partsSent, updatedAt: now, ...withMessageIds(telegramMessageIds) })
    .where(rows(ref, [key]));
}

/** The write certainly did not happen: the rows wait again, and one that was a repetition may still be repeated. */
export async function markWaiting(
  tx: TenantTx,
  ref: DeliveryRef,
  keys: readonly string[],
  reason: string,
): Promise<void> {
  if (keys.length === 0) return;
  const state = sql`case when ${outbox.repeated} then 'unknown' else 'pending' end`;
  await tx.update(outbox).set({ state, repeated: false, lastError: reason, updatedAt: now }).where(rows(ref, keys));
}

export async function markUnsettled(
  tx: TenantTx,
  ref: DeliveryRef,
  keys: readonly string[],
  state: 'unknown' | 'failed',
  reason: string,
): Promise<void> {
  if (keys.length === 0) return;
  await tx.update(outbox).set({ state, lastError: reason, updatedAt: now }).where(rows(ref, keys));
}

/** Nothing of the conversation can go out until the channel is repaired, at the earliest in `retryMs`. */
export async function parkRows(tx: TenantTx, ref: DeliveryRef, reason: string, retryMs: number): Promise<void> {
  const nextAttemptAt = sql`now() + ${retryMs} * interval '1 millisecond'`;
  await tx
    .update(outbox)
    .set({ state: 'parked', lastError: reason, nextAttemptAt, updatedAt: now })
    .where(and(openRows(ref), eq(outbox.state, 'pending')));
}

/** In a new topic nothing stands yet: what was half said in another one is said whole, and the card that it had is posted. */
export async function beginAnew(tx: TenantTx, ref: DeliveryRef): Promise<void> {
  await tx
    .update(outbox)
    .set({ partsSent: 0, updatedAt: now })
    .where(and(openRows(ref), gt(outbox.partsSent, 0)));
  const latest = tx
    .select({ key: outbox.key })
    .from(outbox)
    .where(and(...ofConversation(ref), eq(outbox.kind, 'card')))
    .orderBy(desc(outbox.ordinal))
    .limit(1);
  await tx
    .update(outbox)
    .set({ state: 'pending', repeated: false, partsSent: 0, updatedAt: now })
    .where(and(...ofConversation(ref), eq(outbox.key, latest), inArray(outbox.state, ['sent', 'failed'])));
}

export async function hasOpenRows(tx: TenantTx, ref: DeliveryRef): Promise<boolean> {
  const found = await tx.select({ key: outbox.key }).from(outbox).where(openRows(ref)).limit(1);
  return found.length > 0;
}

function withMessageIds(ids: readonly number[]) {
  if (ids.length === 0) return {};
  return { telegramMessageIds: sql`array_cat(${outbox.telegramMessageIds}, ${sql.param([...ids])}::bigint[])` };
}

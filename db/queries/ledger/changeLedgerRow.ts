import { and, eq, inArray, sql } from 'drizzle-orm';
import { CHANGEABLE, type LedgerChange } from '../../../contracts/ledger.ts';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * Lets a row go out again, or never. One whose outcome is unknown stays marked as that, so that its repetition says so. A row
 * that is not in a state for it any more is left alone; repeating a change does nothing.
 */
export async function changeLedgerRow(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  { action, key }: LedgerChange,
): Promise<void> {
  const change =
    action === 'skip'
      ? { state: 'failed' as const, lastError: 'skipped' }
      : { state: sql`case ${outbox.state} when 'unknown' then 'unknown' else 'pending' end`, lastError: null };
  await withTenant(db, tenantId, (tx) =>
    tx
      .update(outbox)
      .set({ ...change, repeated: false, nextAttemptAt: null, updatedAt: sql`now()` })
      .where(
        and(
          eq(outbox.tenantId, tenantId),
          eq(outbox.conversationId, conversationId),
          eq(outbox.key, key),
          inArray(outbox.state, [...CHANGEABLE[action]]),
        ),
      ),
  );
}

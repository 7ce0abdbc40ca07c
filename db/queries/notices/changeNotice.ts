import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { withTenant } from '../../withTenant.ts';

export interface NoticeRef {
  tenantId: string;
  key: string;
}

type NoticeState = typeof groupNotices.$inferSelect.state;

function ofNotice({ tenantId, key }: NoticeRef) {
  return and(eq(groupNotices.tenantId, tenantId), eq(groupNotices.key, key));
}

/** Before the call: whatever happens now, nobody tells it again. False when another attempt was quicker. */
export async function claimNotice(db: Db, ref: NoticeRef, by: { botId: string; chatId: string }): Promise<boolean> {
  const claimed = await withTenant(db, ref.tenantId, (tx) =>
    tx
      .update(groupNotices)
      .set({ ...by, state: 'sending', updatedAt: sql`now()` })
      .where(and(ofNotice(ref), eq(groupNotices.state, 'pending')))
      .returning({ key: groupNotices.key }),
  );
  return claimed.length === 1;
}

/** What became of it; `lastError` is a stable word. */
export async function settleNotice(
  db: Db,
  ref: NoticeRef,
  outcome: { state: NoticeState; lastError?: string; telegramMessageId?: number },
): Promise<void> {
  await withTenant(db, ref.tenantId, (tx) =>
    tx
      .update(groupNotices)
      .set({ lastError: null, ...outcome, updatedAt: sql`now()` })
      .where(ofNotice(ref)),
  );
}

/** Notices that an attempt left in the middle a while ago: they may have been told, so nobody tells them again. */
export async function abandonNotices(db: Db, tenantId: string, leftMs: number): Promise<void> {
  await withTenant(db, tenantId, (tx) =>
    tx
      .update(groupNotices)
      .set({ state: 'unknown', lastError: 'attempt_lost', updatedAt: sql`now()` })
      .where(
        and(
          eq(groupNotices.tenantId, tenantId),
          eq(groupNotices.state, 'sending'),
          sql`${groupNotices.updatedAt} < now() - ${leftMs} * interval '1 millisecond'`,
        ),
      ),
  );
}

import { and, asc, desc, eq, like } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { withTenant } from '../../withTenant.ts';

export type GroupNotice = typeof groupNotices.$inferSelect;

/** More than waits when all is well; the others follow a minute later. */
const AT_ONCE = 10;

/** What the tenant's group is to be told, in the order in which it was put up. */
export async function listPendingNotices(db: Db, tenantId: string): Promise<GroupNotice[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(groupNotices)
      .where(and(eq(groupNotices.tenantId, tenantId), eq(groupNotices.state, 'pending')))
      .orderBy(asc(groupNotices.createdAt), asc(groupNotices.key))
      .limit(AT_ONCE),
  );
}

/** The last alert, told or not. */
export async function findLastAlert(db: Db, tenantId: string): Promise<GroupNotice | undefined> {
  const [last] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(groupNotices)
      .where(and(eq(groupNotices.tenantId, tenantId), like(groupNotices.key, 'alert/%')))
      .orderBy(desc(groupNotices.key))
      .limit(1),
  );
  return last;
}

import { and, eq, inArray, lt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { withTenant } from '../../withTenant.ts';

/** Deletes at most `limit` of what the tenant's group was told before `before`. Returns how many. */
export async function deleteNotices(db: Db, tenantId: string, before: Date, limit: number): Promise<number> {
  return withTenant(db, tenantId, async (tx) => {
    const old = tx
      .select({ key: groupNotices.key })
      .from(groupNotices)
      .where(and(eq(groupNotices.tenantId, tenantId), lt(groupNotices.createdAt, before)))
      .limit(limit);
    const { rowCount } = await tx
      .delete(groupNotices)
      .where(and(eq(groupNotices.tenantId, tenantId), inArray(groupNotices.key, old)));
    return rowCount ?? 0;
  });
}

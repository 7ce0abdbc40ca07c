import { and, eq, gt, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { withTenant } from '../../withTenant.ts';

/** Whether the tenant's administrators got a mail, in place of their group, within the last `hours`. */
export async function wasMailed(db: Db, tenantId: string, { hours }: { hours: number }): Promise<boolean> {
  const [mailed] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ key: groupNotices.key })
      .from(groupNotices)
      .where(
        and(
          eq(groupNotices.tenantId, tenantId),
          eq(groupNotices.state, 'mailed'),
          gt(groupNotices.updatedAt, sql`now() - ${hours} * interval '1 hour'`),
        ),
      )
      .limit(1),
  );
  return mailed !== undefined;
}

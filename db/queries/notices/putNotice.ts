import { eq, sql } from 'drizzle-orm';
import type { Notice } from '../../../contracts/notices.ts';
import type { Db } from '../../createDb.ts';
import { groupNotices } from '../../schema/groupNotices.ts';
import { withTenant } from '../../withTenant.ts';

/** Puts something up to be told in the tenant's group. One that still waits says the newer; what was told stays told. */
export async function putNotice(db: Db, tenantId: string, key: string, notice: Notice): Promise<void> {
  await withTenant(db, tenantId, (tx) =>
    tx
      .insert(groupNotices)
      .values({ tenantId, key, notice })
      .onConflictDoUpdate({
        target: [groupNotices.tenantId, groupNotices.key],
        set: { notice, updatedAt: sql`now()` },
        setWhere: eq(groupNotices.state, 'pending'),
      }),
  );
}

import { and, eq, ne, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { type TenantStatus, tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

const ACTIONS: Record<TenantStatus, string> = { suspended: 'tenant.suspended', active: 'tenant.resumed' };

/** Suspends a tenant or lets it go on; one that is so already stays as it is, without another line in the log. */
export async function setTenantStatus(db: Db, tenantId: string, status: TenantStatus, by: By): Promise<void> {
  await withTenant(db, tenantId, async (tx) => {
    const changed = await tx
      .update(tenants)
      .set({ status, updatedAt: sql`now()` })
      .where(and(eq(tenants.id, tenantId), ne(tenants.status, status)))
      .returning({ id: tenants.id });
    if (changed.length === 0) return;
    await insertAudit(tx, { ...by, tenantId, action: ACTIONS[status], target: `tenant/${tenantId}` });
  });
}

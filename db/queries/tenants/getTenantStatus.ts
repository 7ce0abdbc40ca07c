import { eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';

export type TenantStatus = (typeof tenants.$inferSelect)['status'];

/** Undefined when there is no such tenant. */
export async function getTenantStatus(db: Db, tenantId: string): Promise<TenantStatus | undefined> {
  const [tenant] = await withTenant(db, tenantId, (tx) =>
    tx.select({ status: tenants.status }).from(tenants).where(eq(tenants.id, tenantId)),
  );
  return tenant?.status;
}

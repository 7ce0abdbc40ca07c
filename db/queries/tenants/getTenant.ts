import { eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';

export type Tenant = typeof tenants.$inferSelect;

/** Undefined when there is no such tenant. */
export async function getTenant(db: Db, tenantId: string): Promise<Tenant | undefined> {
  const [tenant] = await withTenant(db, tenantId, (tx) => tx.select().from(tenants).where(eq(tenants.id, tenantId)));
  return tenant;
}

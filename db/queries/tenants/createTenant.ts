import { v7 as uuidV7 } from 'uuid';
import type { TenantInput } from '../../../contracts/tenant.ts';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { Tenant } from './getTenant.ts';

/** Makes a tenant, active and with every setting at its default. Throws `conflict` when the slug is taken. */
export async function createTenant(db: Db, { slug, name }: TenantInput, by: By): Promise<Tenant> {
  const id = uuidV7();
  const creating = withTenant(db, id, async (tx) => {
    const [tenant] = await tx.insert(tenants).values({ id, slug, name }).returning();
    if (!tenant) throw new Error('The tenant was not inserted');
    await insertAudit(tx, { ...by, tenantId: id, action: 'tenant.created', target: `tenant/${id}`, data: { slug } });
    return tenant;
  });
  return explainRefusal(creating, { taken: 'Another tenant has this slug.' });
}

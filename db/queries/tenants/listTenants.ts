import type { Db } from '../../createDb.ts';
import { getTenant, type Tenant } from './getTenant.ts';
import { listTenantIds } from './listTenantIds.ts';

/**
 * At most `limit` tenants in the order of their ids. Each is read as itself, one after the other: no query sees two tenants, and
 * a long list takes no more than one connection.
 */
export async function listTenants(db: Db, page: { after?: string; limit: number }): Promise<Tenant[]> {
  const found: Tenant[] = [];
  for (const id of await listTenantIds(db, page)) {
    const tenant = await getTenant(db, id);
    if (tenant) found.push(tenant);
  }
  return found;
}

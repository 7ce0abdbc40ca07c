import type { Db } from '../../createDb.ts';
import { lookUpAll } from '../../lookUp.ts';

/** At most `limit` ids of tenants, ascending, that come after `after`. */
export async function listTenantIds(db: Db, { after, limit }: { after?: string; limit: number }): Promise<string[]> {
  const rows = await lookUpAll<{ tenant_id: string }>(db, {
    name: 'list_tenants',
    text: 'SELECT tenant_id FROM list_tenants($1, $2)',
    values: [after ?? null, limit],
  });
  return rows.map(({ tenant_id }) => tenant_id);
}

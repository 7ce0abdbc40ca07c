import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** Forgets at most `limit` IP addresses of the tenant's visitors that were last seen before `before`. Returns how many. */
export async function forgetAddresses(db: Db, tenantId: string, before: Date, limit: number): Promise<number> {
  const { rowCount } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'forget_addresses',
      text: `UPDATE sessions SET ip = NULL, ip_seen_at = NULL WHERE tenant_id = $1 AND conversation_id IN (
        SELECT conversation_id FROM sessions
        WHERE tenant_id = $1 AND ip IS NOT NULL AND ip_seen_at < $2 LIMIT $3)`,
      values: [tenantId, before, limit],
    }),
  );
  return rowCount ?? 0;
}

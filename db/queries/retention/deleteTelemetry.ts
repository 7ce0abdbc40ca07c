import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** Deletes at most `limit` of the tenant's telemetry events from before `before`. Returns how many there were. */
export async function deleteTelemetry(db: Db, tenantId: string, before: Date, limit: number): Promise<number> {
  const { rowCount } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'delete_telemetry',
      text: `DELETE FROM telemetry_events WHERE tenant_id = $1 AND id IN (
        SELECT id FROM telemetry_events WHERE tenant_id = $1 AND occurred_at < $2 ORDER BY occurred_at LIMIT $3)`,
      values: [tenantId, before, limit],
    }),
  );
  return rowCount ?? 0;
}

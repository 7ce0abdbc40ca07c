import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * Deletes at most `limit` of the tenant's attempts, and as many deliveries that are over, from before `before`. Returns how many
 * of the more numerous kind there were.
 */
export async function deleteWebhookRecords(db: Db, tenantId: string, before: Date, limit: number): Promise<number> {
  return withTenant(db, tenantId, async ({ $client: client }) => {
    const attempts = await client.query({
      name: 'delete_webhook_attempts',
      text: `DELETE FROM webhook_attempts WHERE tenant_id = $1 AND id IN (
        SELECT id FROM webhook_attempts WHERE tenant_id = $1 AND attempted_at < $2 ORDER BY attempted_at LIMIT $3)`,
      values: [tenantId, before, limit],
    });
    const deliveries = await client.query({
      name: 'delete_webhook_deliveries',
      text: `DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND (endpoint_id, event_id) IN (
        SELECT endpoint_id, event_id FROM webhook_deliveries
        WHERE tenant_id = $1 AND state <> 'pending' AND created_at < $2 ORDER BY created_at LIMIT $3)`,
      values: [tenantId, before, limit],
    });
    return Math.max(attempts.rowCount ?? 0, deliveries.rowCount ?? 0);
  });
}

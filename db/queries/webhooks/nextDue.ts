import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** When something is to be sent to the endpoint next; null when nothing is pending, and for one that is not there. */
export async function nextDue(db: Db, { tenantId, endpointId }: WebhookRef): Promise<Date | null> {
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query<{ at: Date | null }>({
      name: 'next_due_webhook',
      text: `SELECT greatest(d.next_attempt_at, e.hold_until) AS at
        FROM webhook_deliveries d JOIN webhook_endpoints e ON e.tenant_id = $1 AND e.id = $2
        WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'pending'
        ORDER BY d.next_attempt_at LIMIT 1`,
      values: [tenantId, endpointId],
    }),
  );
  return rows[0]?.at ?? null;
}

import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** Tries an event again at `until`, without an attempt for it: nothing was sent. */
export async function putOff(
  db: Db,
  { tenantId, endpointId, eventId }: WebhookRef & { eventId: string },
  until: Date,
): Promise<void> {
  await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'put_webhook_off',
      text: `UPDATE webhook_deliveries SET next_attempt_at = $4
        WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND state = 'pending'`,
      values: [tenantId, endpointId, eventId, until],
    }),
  );
}

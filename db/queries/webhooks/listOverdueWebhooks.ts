import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { lookUpAll } from '../../lookUp.ts';

/** At most `limit` endpoints of any tenant, behind `after`, that have something due or a notice to give. */
export async function listOverdueWebhooks(
  db: Db,
  { after, limit }: { after: WebhookRef | null; limit: number },
): Promise<WebhookRef[]> {
  const rows = await lookUpAll<{ tenant_id: string; endpoint_id: string }>(db, {
    name: 'list_overdue_webhooks',
    text: 'SELECT tenant_id, endpoint_id FROM list_overdue_webhooks($1, $2, $3)',
    values: [after?.tenantId ?? null, after?.endpointId ?? null, limit],
  });
  return rows.map((row) => ({ tenantId: row.tenant_id, endpointId: row.endpoint_id }));
}

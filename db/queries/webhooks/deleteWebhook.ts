import { and, eq } from 'drizzle-orm';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/** Deletes the endpoint with all that was and is to be sent to it. False when the tenant has no such one. */
export async function deleteWebhook(db: Db, { tenantId, endpointId }: WebhookRef, by: By): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const { rowCount } = await tx
      .delete(webhookEndpoints)
      .where(and(eq(webhookEndpoints.tenantId, tenantId), eq(webhookEndpoints.id, endpointId)));
    if (!rowCount) return false;
    await insertAudit(tx, { ...by, tenantId, action: 'webhook.deleted', target: `webhook/${endpointId}` });
    return true;
  });
}

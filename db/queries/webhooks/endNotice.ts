import { and, eq } from 'drizzle-orm';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';

/** The administrators know that the endpoint was disabled. */
export async function endNotice(db: Db, { tenantId, endpointId }: WebhookRef): Promise<void> {
  await withTenant(db, tenantId, (tx) =>
    tx
      .update(webhookEndpoints)
      .set({ noticeDue: false })
      .where(and(eq(webhookEndpoints.tenantId, tenantId), eq(webhookEndpoints.id, endpointId))),
  );
}

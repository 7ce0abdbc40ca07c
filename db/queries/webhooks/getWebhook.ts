import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import type { WebhookRow } from './webhookRow.ts';

/** Undefined when the tenant has no such endpoint. */
export async function getWebhook(db: Db, tenantId: string, endpointId: string): Promise<WebhookRow | undefined> {
  const [endpoint] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(webhookEndpoints)
      .where(and(eq(webhookEndpoints.tenantId, tenantId), eq(webhookEndpoints.id, endpointId))),
  );
  return endpoint;
}

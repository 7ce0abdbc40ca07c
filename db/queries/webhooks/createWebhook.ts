import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { CodedError } from '../../../contracts/errors.ts';
import type { WebhookInput } from '../../../contracts/webhook.ts';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { WebhookRow } from './webhookRow.ts';

/** Each turn writes a row for each of them. */
const MAX_ENDPOINTS = 50;

/** Adds an endpoint, which gets what happens from now on. `secret` is sealed. Throws `conflict` when the tenant has as many as it may. */
export async function createWebhook(
  db: Db,
  tenantId: string,
  webhook: WebhookInput & { secret: Buffer },
  by: By,
): Promise<WebhookRow> {
  return withTenant(db, tenantId, async (tx) => {
    if ((await tx.$count(webhookEndpoints, eq(webhookEndpoints.tenantId, tenantId))) >= MAX_ENDPOINTS) {
      throw new CodedError('conflict', `A tenant has at most ${MAX_ENDPOINTS} webhooks.`);
    }
    const [created] = await tx
      .insert(webhookEndpoints)
      .values({ ...webhook, tenantId, id: uuidv7() })
      .returning();
    if (!created) throw new Error('The endpoint was not inserted');
    const { events, includeText } = webhook;
    const target = `webhook/${created.id}`;
    await insertAudit(tx, { ...by, tenantId, action: 'webhook.created', target, data: { events, includeText } });
    return created;
  });
}

import { and, eq, sql } from 'drizzle-orm';
import type { WebhookPatch } from '../../../contracts/webhook.ts';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { WebhookRow } from './webhookRow.ts';

/** What is known of an endpoint's failures is forgotten when somebody has seen to it. */
const ANEW = { disabledReason: null, noticeDue: false, failingSince: null, failures: 0, holdUntil: null } as const;

/** Replaces the fields that are given. Undefined when the tenant has no such endpoint. */
export async function updateWebhook(
  db: Db,
  { tenantId, endpointId }: WebhookRef,
  changes: WebhookPatch,
  by: By,
): Promise<WebhookRow | undefined> {
  const seenTo = changes.status !== undefined || changes.url !== undefined;
  return withTenant(db, tenantId, async (tx) => {
    const [updated] = await tx
      .update(webhookEndpoints)
      .set({ ...changes, ...(seenTo ? ANEW : {}), updatedAt: sql`now()` })
      .where(and(eq(webhookEndpoints.tenantId, tenantId), eq(webhookEndpoints.id, endpointId)))
      .returning();
    if (!updated) return undefined;
    const data = { fields: Object.keys(changes) };
    await insertAudit(tx, { ...by, tenantId, action: 'webhook.changed', target: `webhook/${endpointId}`, data });
    return updated;
  });
}

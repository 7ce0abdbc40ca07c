import { and, eq, sql } from 'drizzle-orm';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookEndpoints } from '../../schema/webhookEndpoints.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { WebhookRow } from './webhookRow.ts';

/** Gives the endpoint a new secret; the one before signs as well for `overlapHours`. Undefined when the tenant has no such one. */
export async function rotateWebhookSecret(
  db: Db,
  { tenantId, endpointId }: WebhookRef,
  { secret, overlapHours }: { secret: Buffer; overlapHours: number },
  by: By,
): Promise<WebhookRow | undefined> {
  const overlap =
    overlapHours === 0
      ? { previousSecret: null, previousSecretUntil: null }
      : {
          previousSecret: sql`${webhookEndpoints.secret}`,
          previousSecretUntil: sql`now() + make_interval(hours => ${overlapHours})`,
        };
  return withTenant(db, tenantId, async (tx) => {
    const [rotated] = await tx
      .update(webhookEndpoints)
      .set({ secret, ...overlap, updatedAt: sql`now()` })
      .where(and(eq(webhookEndpoints.tenantId, tenantId), eq(webhookEndpoints.id, endpointId)))
      .returning();
    if (!rotated) return undefined;
    const target = `webhook/${endpointId}`;
    await insertAudit(tx, { ...by, tenantId, action: 'webhook.secret_rotated', target, data: { overlapHours } });
    return rotated;
  });
}

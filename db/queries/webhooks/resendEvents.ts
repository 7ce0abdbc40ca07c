import { and, eq, gte, sql } from 'drizzle-orm';
import type { ResendRequest } from '../../../contracts/webhook.ts';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookDeliveries } from '../../schema/webhookDeliveries.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

const { tenantId: tenantColumn, endpointId: endpointColumn, eventId, state, createdAt } = webhookDeliveries;

/** Makes one event due again, or all that failed since a moment, with three days of attempts before them. Returns how many. */
export async function resendEvents(
  db: Db,
  { tenantId, endpointId }: WebhookRef,
  what: ResendRequest,
  by: By,
): Promise<number> {
  const which =
    'eventId' in what
      ? eq(eventId, what.eventId)
      : and(eq(state, 'failed'), gte(createdAt, new Date(what.failedSince)));
  return withTenant(db, tenantId, async (tx) => {
    const { rowCount } = await tx
      .update(webhookDeliveries)
      .set({ state: 'pending', attempts: 0, nextAttemptAt: sql`now()`, expiresAt: sql`now() + interval '3 days'` })
      .where(and(eq(tenantColumn, tenantId), eq(endpointColumn, endpointId), which));
    const events = rowCount ?? 0;
    const data = { ...what, events };
    if (events > 0)
      await insertAudit(tx, { ...by, tenantId, action: 'webhook.resent', target: `webhook/${endpointId}`, data });
    return events;
  });
}

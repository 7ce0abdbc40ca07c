import { and, desc, eq, lt } from 'drizzle-orm';
import type { WebhookRef } from '../../../contracts/webhookDelivery.ts';
import type { Db } from '../../createDb.ts';
import { webhookAttempts } from '../../schema/webhookAttempts.ts';
import { withTenant } from '../../withTenant.ts';

export type AttemptRow = typeof webhookAttempts.$inferSelect;

/** At most `limit` of the requests to an endpoint before the one with the id `before`, the newest first. */
export async function listWebhookAttempts(
  db: Db,
  { tenantId, endpointId }: WebhookRef,
  { before, limit, eventId }: { before?: string; limit: number; eventId?: string },
): Promise<AttemptRow[]> {
  const { id } = webhookAttempts;
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(webhookAttempts)
      .where(
        and(
          eq(webhookAttempts.tenantId, tenantId),
          eq(webhookAttempts.endpointId, endpointId),
          before === undefined ? undefined : lt(id, before),
          eventId === undefined ? undefined : eq(webhookAttempts.eventId, eventId),
        ),
      )
      .orderBy(desc(id))
      .limit(limit),
  );
}

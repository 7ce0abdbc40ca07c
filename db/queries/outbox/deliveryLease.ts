import { and, eq, sql } from 'drizzle-orm';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import type { TenantTx } from '../../withTenant.ts';

export interface DeliveryRef {
  tenantId: string;
  conversationId: string;
}

/** An attempt to write to a topic. */
export interface DeliveryAttempt extends DeliveryRef {
  attemptId: string;
}

/** The condition that picks the conversation's row. */
export function ofDelivery({ tenantId, conversationId }: DeliveryRef) {
  return and(eq(topicDeliveries.tenantId, tenantId), eq(topicDeliveries.conversationId, conversationId));
}

/** Lets this attempt alone write to the conversation's topic for `leaseMs`. False while another one holds the lease. */
export async function takeDeliveryLease(tx: TenantTx, attempt: DeliveryAttempt, leaseMs: number): Promise<boolean> {
  const lease = {
    attemptId: attempt.attemptId,
    leaseUntil: sql`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`,
  };
  const taken = await tx
    .insert(topicDeliveries)
    .values({ tenantId: attempt.tenantId, conversationId: attempt.conversationId, ...lease })
    .onConflictDoUpdate({
      target: [topicDeliveries.tenantId, topicDeliveries.conversationId],
      set: lease,
      setWhere: sql`coalesce(${topicDeliveries.leaseUntil} <= clock_timestamp(), true)`,
    })
    .returning({ attemptId: topicDeliveries.attemptId });
  return taken.length === 1;
}

/** The attempt, which holds the lease, needs it for `leaseMs` from now. */
export async function extendDeliveryLease(tx: TenantTx, attempt: DeliveryAttempt, leaseMs: number): Promise<void> {
  await tx
    .update(topicDeliveries)
    .set({ leaseUntil: sql`clock_timestamp() + ${leaseMs} * interval '1 millisecond'` })
    .where(and(ofDelivery(attempt), eq(topicDeliveries.attemptId, attempt.attemptId)));
}

/**
 * Before a topic is asked for: whatever happens to this process now, the next attempt knows that there may be one. An earlier
 * attempt that left the mark died in between: its topic, if there is one, is an orphan that nobody can find.
 */
export async function markCreating(tx: TenantTx, attempt: DeliveryAttempt): Promise<void> {
  await tx
    .update(topicDeliveries)
    .set({ creating: true, orphaned: sql`${topicDeliveries.orphaned} or ${topicDeliveries.creating}` })
    .where(ofDelivery(attempt));
}

/** What an attempt learnt about the topic. */
export type TopicChange = Partial<
  Pick<
    typeof topicDeliveries.$inferSelect,
    'title' | 'closed' | 'lost' | 'creating' | 'orphaned' | 'cardMessageId' | 'cardBotId' | 'cardPinDue'
  >
>;

/** Ends the attempt. False when it had lost its lease to another one: then it must not settle anything. */
export async function releaseDeliveryLease(
  tx: TenantTx,
  attempt: DeliveryAttempt,
  change: TopicChange,
): Promise<boolean> {
  const released = await tx
    .update(topicDeliveries)
    .set({ ...change, attemptId: null, leaseUntil: null })
    .where(and(ofDelivery(attempt), eq(topicDeliveries.attemptId, attempt.attemptId)))
    .returning({ conversationId: topicDeliveries.conversationId });
  return released.length === 1;
}

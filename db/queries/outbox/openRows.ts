import { and, eq, or, sql } from 'drizzle-orm';
import { outbox } from '../../schema/outbox.ts';
import type { DeliveryRef } from './deliveryLease.ts';

/** The rows of the conversation that still have to go out. A row that was repeated and is unknown again is passed over. */
export function openRows({ tenantId, conversationId }: DeliveryRef) {
  return and(
    eq(outbox.tenantId, tenantId),
    eq(outbox.conversationId, conversationId),
    or(
      sql`${outbox.state} in ('pending', 'sending', 'parked')`,
      and(eq(outbox.state, 'unknown'), eq(outbox.repeated, false)),
    ),
  );
}

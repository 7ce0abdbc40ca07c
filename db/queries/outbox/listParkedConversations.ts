import { and, eq, min } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

/** Ids of at most `limit` conversations whose deliveries wait for a repair of the channel, the longest waiting first. */
export async function listParkedConversations(db: Db, tenantId: string, limit: number): Promise<string[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ conversationId: outbox.conversationId })
      .from(outbox)
      .where(and(eq(outbox.tenantId, tenantId), eq(outbox.state, 'parked')))
      .groupBy(outbox.conversationId)
      .orderBy(min(outbox.ordinal))
      .limit(limit),
  );
  return rows.map(({ conversationId }) => conversationId);
}

import { and, eq, inArray, min } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

/** Ids of at most `limit` conversations with something to deliver, parked or not, the longest waiting first. */
export async function listUndelivered(db: Db, tenantId: string, limit: number): Promise<string[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ conversationId: outbox.conversationId })
      .from(outbox)
      .where(and(eq(outbox.tenantId, tenantId), inArray(outbox.state, ['pending', 'parked'])))
      .groupBy(outbox.conversationId)
      .orderBy(min(outbox.ordinal))
      .limit(limit),
  );
  return rows.map(({ conversationId }) => conversationId);
}

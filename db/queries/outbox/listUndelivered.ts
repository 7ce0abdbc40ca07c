import { and, eq, gt, inArray, min } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

export interface UndeliveredPage {
  /** Only what waits for a repair of the channel. */
  parkedOnly?: boolean;
  limit: number;
  /** The `ordinal` with which the page before ended. */
  after?: number | undefined;
}

export interface UndeliveredConversation {
  conversationId: string;
  /** Of its first row that waits. */
  ordinal: number;
}

/** Conversations with something to deliver, the longest waiting first. */
export async function listUndelivered(
  db: Db,
  tenantId: string,
  { parkedOnly = false, limit, after }: UndeliveredPage,
): Promise<UndeliveredConversation[]> {
  const first = min(outbox.ordinal);
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ conversationId: outbox.conversationId, ordinal: first })
      .from(outbox)
      .where(and(eq(outbox.tenantId, tenantId), inArray(outbox.state, parkedOnly ? ['parked'] : ['pending', 'parked'])))
      .groupBy(outbox.conversationId)
      .having(after === undefined ? undefined : gt(first, after))
      .orderBy(first)
      .limit(limit),
  );
  return rows.map(({ conversationId, ordinal }) => ({ conversationId, ordinal: ordinal ?? 0 }));
}

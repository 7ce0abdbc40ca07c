import { and, asc, eq, sql } from 'drizzle-orm';
import type { Message } from '../../contracts/message.ts';
import type { Db } from '../createDb.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';
import { toMessage } from './toMessage.ts';

/** How far a reader has read: up to `since`. */
export interface ReadPosition {
  conversationId: string;
  since: number;
}

/**
 * For many conversations of a tenant at once, at most `limit` messages each with `seq` above the lowest position given for it,
 * ascending. Conversations without such messages are absent. One round trip, one index range a conversation.
 */
export async function listMissingMessages(
  db: Db,
  tenantId: string,
  positions: readonly ReadPosition[],
  limit: number,
): Promise<Map<string, Message[]>> {
  const lowest = lowestPositions(positions);
  const wanted = sql`unnest(${sql.param([...lowest.keys()])}::uuid[], ${sql.param([...lowest.values()])}::int[])`;
  const rows = await withTenant(db, tenantId, (tx) => {
    const missing = tx
      .select()
      .from(messages)
      .where(
        and(
          eq(messages.tenantId, tenantId),
          sql`${messages.conversationId} = wanted.conversation_id`,
          sql`${messages.seq} > wanted.since`,
        ),
      )
      .orderBy(asc(messages.seq))
      .limit(limit)
      .as('missing');
    return tx.select().from(sql`${wanted} as wanted (conversation_id, since)`).innerJoinLateral(missing, sql`true`);
  });
  return groupByConversation(rows.map((row) => row.missing));
}

function lowestPositions(positions: readonly ReadPosition[]): Map<string, number> {
  const lowest = new Map<string, number>();
  for (const { conversationId, since } of positions) {
    lowest.set(conversationId, Math.min(since, lowest.get(conversationId) ?? since));
  }
  return lowest;
}

function groupByConversation(rows: (typeof messages.$inferSelect)[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const row of rows.sort((a, b) => a.seq - b.seq)) {
    groups.set(row.conversationId, [...(groups.get(row.conversationId) ?? []), toMessage(row)]);
  }
  return groups;
}

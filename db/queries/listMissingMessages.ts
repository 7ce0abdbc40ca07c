import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Message } from '../../contracts/message.ts';
import type { Db } from '../createDb.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';
import type { Words } from '../words.ts';
import { toMessage } from './toMessage.ts';

/** How far a reader has read: up to `since`. */
export interface ReadPosition {
  conversationId: string;
  since: number;
}

/**
 * For many conversations of a tenant at once, the messages with `seq` in (since, since + limit], ascending; `since` is the lowest
 * position given for a conversation. Conversations without such messages are absent. One index range a conversation.
 */
export async function listMissingMessages(
  { db, words }: { db: Db; words: Words },
  tenantId: string,
  positions: readonly ReadPosition[],
  limit: number,
): Promise<Map<string, Message[]>> {
  const lowest = lowestPositions(positions);
  // bigint: `since + limit` of one reader must not overflow and fail the query for all.
  const wanted = sql`unnest(${sql.param([...lowest.keys()])}::uuid[], ${sql.param([...lowest.values()])}::bigint[])`;
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select(getTableColumns(messages))
      .from(messages)
      .innerJoin(
        sql`${wanted} as wanted (conversation_id, since)`,
        // `seq` has no holes, so a range of it is a limit for each conversation.
        sql`${messages.conversationId} = wanted.conversation_id
          and ${messages.seq} > wanted.since and ${messages.seq} <= wanted.since + ${limit}`,
      )
      .where(eq(messages.tenantId, tenantId))
      .orderBy(asc(messages.seq)),
  );
  return groupByConversation(words, rows);
}

function lowestPositions(positions: readonly ReadPosition[]): Map<string, number> {
  const lowest = new Map<string, number>();
  for (const { conversationId, since } of positions) {
    lowest.set(conversationId, Math.min(since, lowest.get(conversationId) ?? since));
  }
  return lowest;
}

async function groupByConversation(
  words: Words,
  rows: (typeof messages.$inferSelect)[],
): Promise<Map<string, Message[]>> {
  const groups = new Map<string, Message[]>();
  for (const row of rows) {
    const message = await toMessage(words, row);
    groups.set(row.conversationId, [...(groups.get(row.conversationId) ?? []), message]);
  }
  return groups;
}

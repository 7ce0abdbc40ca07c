import { and, asc, eq, getTableColumns, gt, sql } from 'drizzle-orm';
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
 * For many conversations of a tenant at once, the first `limit` messages with `seq` > `since`, ascending; `since` is the lowest
 * position given for a conversation. Conversations without such messages are absent. One index range a conversation.
 */
export async function listMissingMessages(
  { db, words }: { db: Db; words: Words },
  tenantId: string,
  positions: readonly ReadPosition[],
  limit: number,
): Promise<Map<string, Message[]>> {
  const lowest = lowestPositions(positions);
  const wanted = sql`unnest(${sql.param([...lowest.keys()])}::uuid[], ${sql.param([...lowest.values()])}::integer[])`;
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select(getTableColumns(messages))
      .from(sql`${wanted} as wanted (conversation_id, since)`)
      .innerJoinLateral(
        tx
          .select()
          .from(messages)
          .where(
            and(
              eq(messages.tenantId, tenantId),
              eq(messages.conversationId, sql`wanted.conversation_id`),
              gt(messages.seq, sql`wanted.since`),
            ),
          )
          .orderBy(asc(messages.seq))
          .limit(limit)
          .as('messages'),
        sql`true`,
      )
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

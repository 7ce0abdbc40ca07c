import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { PortalHistory, PortalHistoryQuery } from '../../../contracts/portal.ts';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { conversations } from '../../schema/conversations.ts';
import { messages } from '../../schema/messages.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import type { Words } from '../../words.ts';
import { toMessage } from '../toMessage.ts';

/**
 * A page of a conversation, ascending: the newest messages, those before `before`, or those after `cursor`. What it says of
 * both its ends comes from the same statement as its messages, so it is true of the same moment.
 */
export async function readHistory(
  { db, words }: { db: Db; words: Words },
  ref: ConversationRef,
  query: PortalHistoryQuery,
): Promise<PortalHistory> {
  const rows = await withTenant(db, ref.tenantId, (tx) => readRows(tx, ref, query));
  const { lastSeq = 0, firstSeq = null } = rows[0] ?? {};
  const page = rows.flatMap(({ message }) => message ?? []).sort((a, b) => a.seq - b.seq);
  const end = page.at(-1)?.seq ?? query.cursor ?? endBefore(query.before ?? lastSeq + 1);
  const start = page[0]?.seq ?? end + 1;
  return {
    messages: await Promise.all(page.map((row) => toMessage(words, row))),
    lastSeq,
    before: firstSeq !== null && firstSeq < start ? start : null,
    cursor: end,
    hasMore: firstSeq !== null && end < lastSeq,
  };
}

function endBefore(seq: number): number {
  return Math.max(seq - 1, 0);
}

/** One row at least for a conversation of which something was recorded; its messages have no holes between first and last. */
function readRows(
  tx: TenantTx,
  { tenantId, conversationId }: ConversationRef,
  { cursor, before, limit }: PortalHistoryQuery,
) {
  const ofConversation = and(
    eq(messages.tenantId, conversations.tenantId),
    eq(messages.conversationId, conversations.id),
  );
  return tx
    .select({
      lastSeq: conversations.lastSeq,
      firstSeq: sql<number | null>`(select min(${messages.seq}) from ${messages} where ${ofConversation})`,
      message: messages,
    })
    .from(conversations)
    .leftJoin(
      messages,
      and(
        ofConversation,
        cursor === undefined ? undefined : gt(messages.seq, cursor),
        before === undefined ? undefined : lt(messages.seq, before),
      ),
    )
    .where(and(eq(conversations.tenantId, tenantId), eq(conversations.id, conversationId)))
    .orderBy(cursor === undefined ? desc(messages.seq) : asc(messages.seq))
    .limit(limit);
}

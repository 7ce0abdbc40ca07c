import { and, asc, desc, eq, gt, gte, sql } from 'drizzle-orm';
import type { MessagesPage } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { conversations } from '../schema/conversations.ts';
import { domainEvents } from '../schema/domainEvents.ts';
import { messages } from '../schema/messages.ts';
import { type TenantTx, withTenant } from '../withTenant.ts';
import type { Words } from '../words.ts';
import { toMessage } from './toMessage.ts';

/**
 * At most `limit` messages with `seq` > `since`, ascending; the last one's `seq` is the next page's `since`. `lastSeq` is
 * the conversation's, and `closed` how it stands. A conversation of which nothing is recorded yet has an empty page.
 */
export async function listMessages(
  { db, words }: { db: Db; words: Words },
  { tenantId, conversationId }: ConversationRef,
  { since, limit }: { since: number; limit: number },
): Promise<MessagesPage> {
  const rows = await withTenant(db, tenantId, (tx) => {
    const rated = ratingOfClosing(tx);
    return tx
      .select({
        lastSeq: conversations.lastSeq,
        closedAt: conversations.closedAt,
        rating: rated.rating,
        message: messages,
      })
      .from(conversations)
      .leftJoinLateral(rated, sql`true`)
      .leftJoin(
        messages,
        and(
          eq(messages.tenantId, conversations.tenantId),
          eq(messages.conversationId, conversations.id),
          gt(messages.seq, since),
        ),
      )
      .where(and(eq(conversations.tenantId, tenantId), eq(conversations.id, conversationId)))
      .orderBy(asc(messages.seq))
      .limit(limit + 1);
  });
  const page = rows.slice(0, limit).flatMap(({ message }) => (message ? [toMessage(words, message)] : []));
  const [first] = rows;
  return {
    messages: await Promise.all(page),
    lastSeq: first?.lastSeq ?? 0,
    hasMore: rows.length > limit,
    closed: first?.closedAt ? { rating: first.rating } : null,
  };
}

/** What the visitor gave since the conversation was closed; of an open one there is none. */
function ratingOfClosing(tx: TenantTx) {
  return tx
    .select({ rating: sql<number>`(${domainEvents.data} ->> 'rating')::int`.as('rating') })
    .from(domainEvents)
    .where(
      and(
        eq(domainEvents.tenantId, conversations.tenantId),
        eq(domainEvents.conversationId, conversations.id),
        eq(domainEvents.name, 'conversation.rated'),
        gte(domainEvents.occurredAt, conversations.closedAt),
      ),
    )
    .orderBy(desc(domainEvents.occurredAt))
    .limit(1)
    .as('rated');
}

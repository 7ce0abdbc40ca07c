import { and, asc, eq, gt } from 'drizzle-orm';
import type { MessagesPage } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { conversations } from '../schema/conversations.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';
import type { Words } from '../words.ts';
import { toMessage } from './toMessage.ts';

/**
 * At most `limit` messages with `seq` > `since`, ascending; the last one's `seq` is the next page's `since`. `lastSeq` is
 * the conversation's. A conversation of which nothing is recorded yet has an empty page.
 */
export async function listMessages(
  { db, words }: { db: Db; words: Words },
  { tenantId, conversationId }: ConversationRef,
  { since, limit }: { since: number; limit: number },
): Promise<MessagesPage> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ lastSeq: conversations.lastSeq, message: messages })
      .from(conversations)
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
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit).flatMap(({ message }) => (message ? [toMessage(words, message)] : []));
  return { messages: await Promise.all(page), lastSeq: rows[0]?.lastSeq ?? 0, hasMore: rows.length > limit };
}

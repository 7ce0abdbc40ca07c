import { and, arrayContains, desc, eq, sql } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * The id of the conversation's message that stands in this message of the topic; undefined when none does. Of several in one,
 * an answer is to what the visitor said last.
 */
export async function findMirrored(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  telegramMessageId: number,
): Promise<string | undefined> {
  const [row] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ messageId: messages.id })
      .from(outbox)
      .innerJoin(
        messages,
        and(
          eq(messages.tenantId, outbox.tenantId),
          eq(messages.conversationId, outbox.conversationId),
          eq(messages.id, outbox.messageId),
        ),
      )
      .where(
        and(
          eq(outbox.tenantId, tenantId),
          eq(outbox.conversationId, conversationId),
          arrayContains(outbox.telegramMessageIds, [telegramMessageId]),
        ),
      )
      .orderBy(sql`${messages.direction} = 'INBOUND' desc`, desc(messages.seq))
      .limit(1),
  );
  return row?.messageId;
}

import { and, eq } from 'drizzle-orm';
import type { Db } from '../createDb.ts';
import { telegramTopics } from '../schema/telegramTopics.ts';
import { withTenant } from '../withTenant.ts';

/** The id of the conversation whose topic this is; undefined for the group's other topics. */
export async function findConversationByTopic(
  db: Db,
  tenantId: string,
  topic: { chatId: string; threadId: number },
): Promise<string | undefined> {
  const [row] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ conversationId: telegramTopics.conversationId })
      .from(telegramTopics)
      .where(
        and(
          eq(telegramTopics.tenantId, tenantId),
          eq(telegramTopics.chatId, topic.chatId),
          eq(telegramTopics.threadId, topic.threadId),
        ),
      ),
  );
  return row?.conversationId;
}

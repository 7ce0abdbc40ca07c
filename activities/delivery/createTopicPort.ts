import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { Db } from '../../db/createDb.ts';
import { readTopic } from '../../db/queries/outbox/changeTopic.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { TopicPort } from '../topicPort.ts';

/** Topics of erased conversations, at Telegram. */
export function createTopicPort({ db, telegram }: { db: Db; telegram: TelegramDirectory }): TopicPort {
  return {
    async deleteTopic(tenantId, conversationId) {
      const topic = await withTenant(db, tenantId, (tx) => readTopic(tx, { tenantId, conversationId }));
      if (!topic) return;
      const connections = await telegram.connectionsOf(tenantId);
      const bot = connections.find(({ chatId }) => chatId === topic.chatId)?.bots[0];
      const result = await bot?.client.deleteTopic({ chatId: topic.chatId, threadId: String(topic.threadId) });
      if (result?.ok === false && result.failure.kind !== 'topic_gone') {
        throw new Error(`The topic was not deleted: ${result.failure.kind}`);
      }
    },
  };
}

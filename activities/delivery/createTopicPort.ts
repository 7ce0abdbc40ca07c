import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { Db } from '../../db/createDb.ts';
import { readTopic } from '../../db/queries/outbox/changeTopic.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { TopicPort } from '../topicPort.ts';
import { throttledFailure, unavailableFailure } from './deliveryFailures.ts';

export interface TopicPortDependencies {
  db: Db;
  telegram: TelegramDirectory;
  slots: Pick<TelegramSlots, 'pause'>;
}

/** Topics of erased conversations, at Telegram. */
export function createTopicPort({ db, telegram, slots }: TopicPortDependencies): TopicPort {
  return {
    async deleteTopic(tenantId, conversationId) {
      const topic = await withTenant(db, tenantId, (tx) => readTopic(tx, { tenantId, conversationId }));
      if (!topic) return true;
      const { chatId } = topic;
      const connections = await telegram.connectionsOf(tenantId);
      const bot = connections.find((connection) => connection.chatId === chatId)?.bots[0];
      if (!bot) return false;
      const result = await bot.client.deleteTopic({ chatId, threadId: String(topic.threadId) });
      if (result.ok) return true;
      const { failure } = result;
      switch (failure.kind) {
        case 'throttled':
          await slots.pause(bot.botId, chatId, failure.retryAfterMs);
          throw throttledFailure(failure.retryAfterMs);
        case 'unavailable':
        case 'unknown_outcome':
          throw unavailableFailure(failure.description);
        default:
          return failure.kind === 'topic_gone';
      }
    },
  };
}

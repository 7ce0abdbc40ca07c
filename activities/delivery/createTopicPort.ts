import { Context } from '@temporalio/activity';
import type { ChannelFailure } from '../../channels/port.ts';
import type { TelegramConnection, TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { TopicOutcome } from '../../contracts/erasure.ts';
import { OUTBOX_PRIORITY } from '../../contracts/outboxPriority.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { readTopic } from '../../db/queries/outbox/changeTopic.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { TopicPort } from '../topicPort.ts';
import { slotFailure, throttledFailure, unavailableFailure } from './deliveryFailures.ts';

export interface TopicPortDependencies {
  db: Db;
  telegram: TelegramDirectory;
  slots: TelegramSlots;
}

/** Topics of erased conversations, at Telegram. Deleting one is a write like any other and waits for its slot. */
export function createTopicPort({ db, telegram, slots }: TopicPortDependencies): TopicPort {
  /** Waits in the line behind what people say; the reason where Telegram refuses every bot. */
  async function botInTurn({ bots, chatId }: TelegramConnection, { conversationId }: ConversationRef) {
    const slot = await slots.reserve({
      botIds: bots.map(({ botId }) => botId),
      chatId,
      owner: `delete/${conversationId}`,
      priority: OUTBOX_PRIORITY.bot,
      since: Context.current().info.scheduledTimestampMs,
      scope: 'topics',
      wanted: 1,
    });
    if (slot.kind === 'wait') throw slotFailure(slot.waitMs);
    return slot.kind === 'refused' ? slot.reason : bots.find(({ botId }) => botId === slot.botId);
  }

  return {
    async deleteTopic(ref) {
      const { tenantId } = ref;
      const topic = await withTenant(db, tenantId, (tx) => readTopic(tx, ref));
      if (!topic) return 'none';
      const { chatId } = topic;
      const connections = await telegram.connectionsOf(tenantId);
      const connection = connections.find((candidate) => candidate.chatId === chatId);
      const bot = connection && (await botInTurn(connection, ref));
      if (!bot) return 'failed:not_connected';
      if (typeof bot === 'string') return `failed:${bot}`;
      const result = await bot.client.deleteTopic({ chatId, threadId: String(topic.threadId) });
      if (result.ok) return 'deleted';
      if (result.failure.kind === 'throttled') await slots.pause(bot.botId, chatId, result.failure.retryAfterMs);
      return outcomeOf(result.failure);
    },
  };
}

/** Throws what passes; a stable word for what does not. */
function outcomeOf(failure: ChannelFailure): TopicOutcome {
  switch (failure.kind) {
    case 'throttled':
      throw throttledFailure(failure.retryAfterMs);
    case 'unavailable':
    case 'unknown_outcome':
      throw unavailableFailure(failure.description);
    case 'topic_gone':
      return 'deleted';
    case 'parked':
      return `failed:${failure.reason}`;
    default:
      return `failed:${failure.kind}`;
  }
}

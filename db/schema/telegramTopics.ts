import { bigint, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { ofConversation } from './ofConversation.ts';

/** The forum topic of a conversation; a recreated topic replaces `threadId`. */
export const telegramTopics = pgTable(
  'telegram_topics',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    chatId: text('chat_id').notNull(),
    threadId: bigint('thread_id', { mode: 'number' }).notNull(),
    /** The bot that made it. */
    botId: text('bot_id').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    unique('telegram_topics_thread_key').on(table.tenantId, table.chatId, table.threadId),
    ofConversation('telegram_topics_conversation_fkey', table),
  ],
);

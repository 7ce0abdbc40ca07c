import { boolean, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, tenantId } from './columns.ts';
import { ofConversation } from './ofConversation.ts';

/**
 * Who is writing to the conversation's topic, and what is known of it. One attempt at a time holds the lease; an attempt that
 * lost it (its worker was paused or killed) may settle nothing any more.
 */
export const topicDeliveries = pgTable(
  'topic_deliveries',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    /** The attempt that holds the lease, until `leaseUntil`. */
    attemptId: uuid('attempt_id'),
    leaseUntil: moment('lease_until'),
    /** The topic's name as it was last set. */
    title: text('title'),
    /** Telegram refuses writes until the topic is reopened. */
    closed: boolean('closed').notNull().default(false),
    /** Somebody deleted the topic: its successor begins with a summary. */
    lost: boolean('lost').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    ofConversation('topic_deliveries_conversation_fkey', table),
  ],
);

import { bigint, boolean, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
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
    /** Set before a topic is asked for, cleared by the answer: an attempt that died in between leaves it set. */
    creating: boolean('creating').notNull().default(false),
    /** Nobody knows whether an earlier creation took place: the topic's first write says that it may have an empty twin. */
    orphaned: boolean('orphaned').notNull().default(false),
    /** The message that is the topic's card, once it is posted. */
    cardMessageId: bigint('card_message_id', { mode: 'number' }),
    /** The bot that posted the card: Telegram lets no other edit it. */
    cardBotId: text('card_bot_id'),
    /** The card is posted and has still to be pinned. */
    cardPinDue: boolean('card_pin_due').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    ofConversation('topic_deliveries_conversation_fkey', table),
  ],
);

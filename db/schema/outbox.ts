import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { OutboxItem } from '../../contracts/activities.ts';
import { LEDGER_STATES } from '../../contracts/ledger.ts';
import { bytea } from './bytea.ts';
import { createdAt, moment, tenantId, updatedAt } from './columns.ts';
import { ofConversation } from './ofConversation.ts';
import { oneOf } from './oneOf.ts';

type EffectKind = OutboxItem['effect']['kind'];

const EFFECT_KINDS = [
  'message',
  'notice',
  'rename',
  'close_topic',
  'reopen_topic',
  'card',
  'reaction',
  'canned_menu',
] as const satisfies EffectKind[];

/** The delivery ledger: one row a side effect in the conversation's topic, in the order of `ordinal`. */
export const outbox = pgTable(
  'outbox',
  {
    tenantId: tenantId(),
    key: text('key').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    ordinal: bigint('ordinal', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    /** {@link OUTBOX_PRIORITY} */
    priority: integer('priority').notNull(),
    kind: text('kind', { enum: EFFECT_KINDS }).notNull(),
    messageId: uuid('message_id'),
    /** A notice's words, a rename's new title, a reaction's emoji or a menu's names as JSON, sealed. */
    text: bytea('text'),
    /** The message of the topic that a reaction is put on. */
    targetMessageId: bigint('target_message_id', { mode: 'number' }),
    silent: boolean('silent').notNull().default(true),
    state: text('state', { enum: LEDGER_STATES }).notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at'),
    /** A stable word, never the provider's text. */
    lastError: text('last_error'),
    botId: text('bot_id'),
    chatId: text('chat_id'),
    threadId: bigint('thread_id', { mode: 'number' }),
    telegramMessageIds: bigint('telegram_message_ids', { mode: 'number' }).array(),
    /** It went out a second time because nobody knows whether the first time arrived. */
    repeated: boolean('repeated').notNull().default(false),
    /** Of a text that needs several writes: how many are out. */
    partsSent: integer('parts_sent').notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.key] }),
    ofConversation('outbox_conversation_fkey', table),
    index('outbox_conversation_idx').on(table.tenantId, table.conversationId, table.ordinal),
    index('outbox_state_idx').on(table.tenantId, table.state, table.ordinal),
    index('outbox_ordinal_idx').on(table.tenantId, table.ordinal),
    index('outbox_troubled_idx').on(table.state).where(sql`${table.state} in ('parked', 'unknown', 'failed')`),
    check('outbox_kind_check', oneOf(table.kind, EFFECT_KINDS)),
    check('outbox_state_check', oneOf(table.state, LEDGER_STATES)),
    check('outbox_message_check', sql`(${table.kind} = 'message') = (${table.messageId} is not null)`),
    check(
      'outbox_text_check',
      sql`(${table.kind} in ('notice', 'rename', 'reaction', 'canned_menu')) = (${table.text} is not null)`,
    ),
    check('outbox_target_check', sql`(${table.kind} = 'reaction') = (${table.targetMessageId} is not null)`),
  ],
);

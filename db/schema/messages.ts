import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { type AuthorKind, authorKindSchema, type Direction, directionSchema } from '../../contracts/message.ts';
import { bytea } from './bytea.ts';
import { moment, tenantId } from './columns.ts';
import { ofConversation } from './ofConversation.ts';
import { oneOf } from './oneOf.ts';

export const messages = pgTable(
  'messages',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    /** Given by the transaction that records the message: 1, 2, 3, … within the conversation, without holes. */
    seq: integer('seq').notNull(),
    clientMessageId: uuid('client_message_id'),
    direction: text('direction').$type<Direction>().notNull(),
    authorKind: text('author_kind').$type<AuthorKind>().notNull(),
    authorName: text('author_name'),
    /** Text, choices and sources, sealed: see `openMessage`. */
    content: bytea('content').notNull(),
    createdAt: moment('created_at').notNull(),
    /** What its author made of the text later, with its entities, sealed; what was said first stays in `content`. */
    edited: bytea('edited'),
    editedAt: moment('edited_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId, table.id] }),
    ofConversation('messages_conversation_fkey', table),
    unique('messages_seq_key').on(table.tenantId, table.conversationId, table.seq),
    // Partial, so that nobody takes it for finding a message by its id.
    uniqueIndex('messages_client_key')
      .on(table.tenantId, table.conversationId, table.clientMessageId)
      .where(sql`${table.clientMessageId} is not null`),
    check('messages_edited_check', sql`(${table.edited} is null) = (${table.editedAt} is null)`),
    check('messages_seq_check', sql`${table.seq} > 0`),
    check('messages_direction_check', oneOf(table.direction, directionSchema.options)),
    check('messages_author_kind_check', oneOf(table.authorKind, authorKindSchema.options)),
  ],
);

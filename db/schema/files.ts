import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea } from './bytea.ts';
import { createdAt, moment, tenantId } from './columns.ts';

/**
 * Files of conversations; their bytes are in the storage, under the row's ids. A visitor's may come before the conversation has
 * a row, so it refers to none; whatever deletes a conversation deletes its files by `conversationId`.
 */
export const files = pgTable(
  'files',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    /** Null until a message that carries it is recorded; one that never is, is swept. */
    messageId: uuid('message_id'),
    /** Sealed. */
    name: bytea('name').notNull(),
    /** The channel's own id of a file that is fetched from there, sealed. */
    source: bytea('source'),
    /** In bytes; of a file that is not fetched yet, what the channel says. */
    size: integer('size').notNull(),
    /** Read from its bytes, like the hash (SHA-256, hexadecimal). */
    type: text('type'),
    sha256: text('sha256'),
    /** When its bytes were safe; nobody is given a file before. */
    storedAt: moment('stored_at'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId, table.id] }),
    index('files_unattached_idx').on(table.tenantId, table.createdAt).where(sql`${table.messageId} is null`),
    check('files_size_check', sql`${table.size} >= 0`),
    check(
      'files_stored_check',
      sql`${table.storedAt} is null or (${table.type} is not null and ${table.sha256} is not null)`,
    ),
  ],
);

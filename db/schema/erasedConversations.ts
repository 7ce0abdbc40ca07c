import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { TopicOutcome } from '../../contracts/erasure.ts';
import { moment, tenantId } from './columns.ts';
import { erasures } from './erasures.ts';

/**
 * The conversations of an erasure, and what became of each. From the moment a row is here no conversation of that id can be
 * written any more (trigger `conversations_erased`), however late a worker comes with a turn. Kept: ids and counts only.
 */
export const erasedConversations = pgTable(
  'erased_conversations',
  {
    tenantId: tenantId(),
    erasureId: uuid('erasure_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    /** How many rows were deleted, by table. */
    rows: jsonb('rows').$type<Record<string, number>>(),
    topic: text('topic').$type<TopicOutcome>(),
    workflowRuns: integer('workflow_runs'),
    erasedAt: moment('erased_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.erasureId, table.conversationId] }),
    foreignKey({
      name: 'erased_conversations_erasure_fkey',
      columns: [table.tenantId, table.erasureId],
      foreignColumns: [erasures.tenantId, erasures.id],
    }),
    index('erased_conversations_conversation_idx').on(table.tenantId, table.conversationId),
  ],
);

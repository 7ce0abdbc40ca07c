import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea } from './bytea.ts';
import { moment, tenantId } from './columns.ts';
import { ofConversation } from './ofConversation.ts';

/** What agents write for each other; the visitor never sees it. */
export const conversationNotes = pgTable(
  'conversation_notes',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    agentId: text('agent_id').notNull(),
    agentName: text('agent_name').notNull(),
    /** Sealed. */
    text: bytea('text').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId, table.id] }),
    ofConversation('conversation_notes_conversation_fkey', table),
  ],
);

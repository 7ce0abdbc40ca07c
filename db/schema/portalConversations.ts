import { foreignKey, index, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { aiAgents } from './aiAgents.ts';
import { createdAt, tenantId } from './columns.ts';

/**
 * The one conversation of a person with an agent: the key makes it one, whoever asks at once. Like a visitor's session it is
 * there before the conversation's own row, so it refers to none.
 */
export const portalConversations = pgTable(
  'portal_conversations',
  {
    tenantId: tenantId(),
    agentId: uuid('agent_id').notNull(),
    userId: text('user_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.agentId, table.userId] }),
    // In the whole installation: it leads to the tenant.
    unique('portal_conversations_conversation_key').on(table.conversationId),
    index('portal_conversations_newest_idx').on(table.tenantId, table.conversationId),
    index('portal_conversations_user_idx').on(table.tenantId, table.userId, table.conversationId),
    foreignKey({
      name: 'portal_conversations_agent_fkey',
      columns: [table.tenantId, table.agentId],
      foreignColumns: [aiAgents.tenantId, aiAgents.id],
    }),
  ],
);

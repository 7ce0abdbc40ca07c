import { check, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { DomainEventRecord } from '../../contracts/activities.ts';
import type { DomainEventName } from '../../contracts/conversation.ts';
import { moment, tenantId } from './columns.ts';
import { ofConversation } from './ofConversation.ts';
import { oneOf } from './oneOf.ts';

const NAMES: Record<DomainEventName, true> = {
  'conversation.started': true,
  'message.added': true,
  'conversation.claimed': true,
  'conversation.handed_over': true,
  'conversation.sla_breached': true,
  'conversation.closed': true,
  'conversation.rated': true,
  'conversation.reopened': true,
  'conversation.renamed': true,
  'conversation.reset': true,
};

/** What happened, in references and states only: no message text. */
export const domainEvents = pgTable(
  'domain_events',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').$type<DomainEventName>().notNull(),
    data: jsonb('data').$type<DomainEventRecord['data']>().notNull(),
    occurredAt: moment('occurred_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId, table.id] }),
    ofConversation('domain_events_conversation_fkey', table),
    index('domain_events_occurred_idx').on(table.tenantId, table.occurredAt, table.id),
    check('domain_events_name_check', oneOf(table.name, Object.keys(NAMES))),
  ],
);

import { foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, tenantId } from './columns.ts';
import { sites } from './sites.ts';

/**
 * What a widget saw, for as long as the tenant keeps telemetry. It may come before its conversation has a row, so it refers to
 * none; erasing a visitor finds it by `conversationId`.
 */
export const telemetryEvents = pgTable(
  'telemetry_events',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    siteId: uuid('site_id').notNull(),
    conversationId: uuid('conversation_id'),
    name: text('name').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull().default({}),
    occurredAt: moment('occurred_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      name: 'telemetry_events_site_fkey',
      columns: [table.tenantId, table.siteId],
      foreignColumns: [sites.tenantId, sites.id],
    }).onDelete('cascade'),
    index('telemetry_events_occurred_idx').on(table.tenantId, table.occurredAt),
    index('telemetry_events_conversation_idx').on(table.tenantId, table.conversationId),
  ],
);

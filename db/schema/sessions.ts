import { foreignKey, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import type { VisitSource } from '../../contracts/webchat.ts';
import { createdAt, tenantId } from './columns.ts';
import { sites } from './sites.ts';

/**
 * The edge's own record of a visitor: written at `init`, before there is a conversation, so it refers to none.
 * `externalSessionId` is the embedding site's name for the visitor and finds the conversation again.
 */
export const sessions = pgTable(
  'sessions',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    siteId: uuid('site_id').notNull(),
    externalSessionId: text('external_session_id'),
    visitorName: text('visitor_name'),
    source: jsonb('source').$type<VisitSource>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    unique('sessions_external_key').on(table.tenantId, table.siteId, table.externalSessionId),
    foreignKey({
      name: 'sessions_site_fkey',
      columns: [table.tenantId, table.siteId],
      foreignColumns: [sites.tenantId, sites.id],
    }).onDelete('cascade'),
  ],
);

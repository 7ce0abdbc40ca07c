import { foreignKey, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { flows } from './flows.ts';
import { tenants } from './tenants.ts';

/** A website that embeds the widget. `key` is public and unique in the whole installation: it leads to the tenant. */
export const sites = pgTable(
  'sites',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    allowedOrigins: text('allowed_origins').array().notNull(),
    /** What differs from the defaults of `siteLookSchema`. */
    look: jsonb('look').notNull().default({}),
    /** What differs from the defaults of `conversationSettingsSchema`. */
    settings: jsonb('settings').notNull().default({}),
    flowId: uuid('flow_id'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('sites_key_key').on(table.key),
    foreignKey({
      name: 'sites_flow_fkey',
      columns: [table.tenantId, table.flowId],
      foreignColumns: [flows.tenantId, flows.id],
    }),
  ],
);

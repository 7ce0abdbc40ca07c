import { boolean, foreignKey, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { flows } from './flows.ts';
import { tenants } from './tenants.ts';

/** A named AI agent of a tenant, which people of the portal talk to. */
export const aiAgents = pgTable(
  'ai_agents',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    instructions: text('instructions').notNull(),
    /** What it says first. */
    greeting: text('greeting'),
    flowId: uuid('flow_id'),
    enabled: boolean('enabled').notNull().default(true),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('ai_agents_slug_key').on(table.tenantId, table.slug),
    foreignKey({
      name: 'ai_agents_flow_fkey',
      columns: [table.tenantId, table.flowId],
      foreignColumns: [flows.tenantId, flows.id],
    }),
  ],
);

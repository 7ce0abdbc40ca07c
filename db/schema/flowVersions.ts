import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import type { FlowDefinition } from '../../contracts/flow.ts';
import { createdAt, moment, tenantId } from './columns.ts';
import { flows } from './flows.ts';

/** One immutable version of a flow. New conversations take the highest published one; a draft has no `publishedAt`. */
export const flowVersions = pgTable(
  'flow_versions',
  {
    tenantId: tenantId(),
    flowId: uuid('flow_id').notNull(),
    version: integer('version').notNull(),
    definition: jsonb('definition').$type<FlowDefinition>().notNull(),
    publishedAt: moment('published_at'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.flowId, table.version] }),
    foreignKey({
      name: 'flow_versions_flow_fkey',
      columns: [table.tenantId, table.flowId],
      foreignColumns: [flows.tenantId, flows.id],
    }).onDelete('cascade'),
    check('flow_versions_version_check', sql`${table.version} > 0`),
  ],
);

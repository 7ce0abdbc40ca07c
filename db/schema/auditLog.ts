import { check, inet, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { type Actor, actorSchema } from '../../contracts/audit.ts';
import { moment, tenantId } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/**
 * Who did what, and when. The application may read and add, never change or remove. Ids are UUIDv7, so the primary key is the
 * order of time that pages are read in.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    actorKind: text('actor_kind').$type<Actor['kind']>().notNull(),
    actorId: text('actor_id'),
    action: text('action').notNull(),
    target: text('target').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull().default({}),
    ip: inet('ip'),
    requestId: text('request_id'),
    occurredAt: moment('occurred_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    check('audit_log_actor_check', oneOf(table.actorKind, actorSchema.shape.kind.options)),
  ],
);

import { check, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, tenantId } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

const ERASURE_STATES = ['requested', 'running', 'done', 'failed'] as const;

/** A wish to be forgotten and what became of it. Holds ids and counts only: it outlives what it erased. */
export const erasures = pgTable(
  'erasures',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    /** Ids of what is to be erased, never names. */
    subject: jsonb('subject').$type<Record<string, unknown>>().notNull(),
    state: text('state', { enum: ERASURE_STATES }).notNull().default('requested'),
    /** What was deleted where, in numbers. */
    receipt: jsonb('receipt').$type<Record<string, unknown>>(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: moment('requested_at').notNull().defaultNow(),
    finishedAt: moment('finished_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    check('erasures_state_check', oneOf(table.state, ERASURE_STATES)),
  ],
);

import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { DISABLED_REASONS, type WebhookStatus } from '../../contracts/webhook.ts';
import { WEBHOOK_EVENT_NAMES } from '../../contracts/webhookEvent.ts';
import { bytea } from './bytea.ts';
import { createdAt, moment, tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

const STATUSES = ['active', 'disabled'] as const satisfies WebhookStatus[];

/** A tenant's addresses for events, and how they have been doing. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    events: text('events', { enum: WEBHOOK_EVENT_NAMES }).array().notNull(),
    includeText: boolean('include_text').notNull().default(false),
    /** Signs what is sent; sealed with the tenant's data key. */
    secret: bytea('secret').notNull(),
    /** Signs as well until `previousSecretUntil`; sealed. */
    previousSecret: bytea('previous_secret'),
    previousSecretUntil: moment('previous_secret_until'),
    status: text('status', { enum: STATUSES }).notNull().default('active'),
    disabledReason: text('disabled_reason', { enum: DISABLED_REASONS }),
    /** Parley disabled it and has not told the administrators yet. */
    noticeDue: boolean('notice_due').notNull().default(false),
    /** Of the failures since the last success: when they began, and how many there were. */
    failingSince: moment('failing_since'),
    failures: integer('failures').notNull().default(0),
    /** Nothing is sent before; a receiver asked for it, or failed too often in a row. */
    holdUntil: moment('hold_until'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    check('webhook_endpoints_status_check', oneOf(table.status, STATUSES)),
    check('webhook_endpoints_reason_check', oneOf(table.disabledReason, DISABLED_REASONS)),
    check('webhook_endpoints_disabled_check', sql`${table.disabledReason} is null or ${table.status} = 'disabled'`),
  ],
);

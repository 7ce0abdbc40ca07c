import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, moment, tenantId } from './columns.ts';
import { domainEvents } from './domainEvents.ts';
import { oneOf } from './oneOf.ts';
import { webhookEndpoints } from './webhookEndpoints.ts';

const STATES = ['pending', 'delivered', 'failed'] as const;

/**
 * An event that an endpoint is to get; written in the transaction of the event itself. pending → delivered, or failed once
 * `expiresAt` has passed or the endpoint was disabled.
 */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    tenantId: tenantId(),
    endpointId: uuid('endpoint_id').notNull(),
    eventId: uuid('event_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    state: text('state', { enum: STATES }).notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull().default(sql`now() + interval '3 days'`),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.endpointId, table.eventId] }),
    foreignKey({
      name: 'webhook_deliveries_endpoint_fkey',
      columns: [table.tenantId, table.endpointId],
      foreignColumns: [webhookEndpoints.tenantId, webhookEndpoints.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'webhook_deliveries_event_fkey',
      columns: [table.tenantId, table.conversationId, table.eventId],
      foreignColumns: [domainEvents.tenantId, domainEvents.conversationId, domainEvents.id],
    }).onDelete('cascade'),
    index('webhook_deliveries_event_idx').on(table.tenantId, table.conversationId, table.eventId),
    index('webhook_deliveries_due_idx')
      .on(table.tenantId, table.endpointId, table.nextAttemptAt)
      .where(sql`${table.state} = 'pending'`),
    index('webhook_deliveries_failed_idx')
      .on(table.tenantId, table.endpointId, table.createdAt)
      .where(sql`${table.state} = 'failed'`),
    index('webhook_deliveries_settled_idx').on(table.tenantId, table.createdAt).where(sql`${table.state} <> 'pending'`),
    check('webhook_deliveries_state_check', oneOf(table.state, STATES)),
  ],
);

import { check, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { WEBHOOK_ERRORS } from '../../contracts/webhook.ts';
import { type WebhookEventName, webhookEventNameSchema } from '../../contracts/webhookEvent.ts';
import { moment, tenantId } from './columns.ts';
import { ofConversation } from './ofConversation.ts';
import { oneOf } from './oneOf.ts';
import { webhookEndpoints } from './webhookEndpoints.ts';

/** What became of each request to an endpoint. Ids are UUIDv7, so the index on them is the order of time. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    eventId: uuid('event_id').notNull(),
    event: text('event').$type<WebhookEventName>().notNull(),
    /** Null for an example. */
    conversationId: uuid('conversation_id'),
    status: integer('status'),
    durationMs: integer('duration_ms').notNull(),
    error: text('error', { enum: WEBHOOK_ERRORS }),
    answer: text('answer'),
    attemptedAt: moment('attempted_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      name: 'webhook_attempts_endpoint_fkey',
      columns: [table.tenantId, table.endpointId],
      foreignColumns: [webhookEndpoints.tenantId, webhookEndpoints.id],
    }).onDelete('cascade'),
    ofConversation('webhook_attempts_conversation_fkey', table),
    index('webhook_attempts_endpoint_idx').on(table.tenantId, table.endpointId, table.id),
    index('webhook_attempts_conversation_idx').on(table.tenantId, table.conversationId),
    index('webhook_attempts_attempted_idx').on(table.tenantId, table.attemptedAt),
    check('webhook_attempts_event_check', oneOf(table.event, webhookEventNameSchema.options)),
    check('webhook_attempts_error_check', oneOf(table.error, WEBHOOK_ERRORS)),
  ],
);

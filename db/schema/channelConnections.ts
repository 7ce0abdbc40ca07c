import { sql } from 'drizzle-orm';
import { check, jsonb, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { CHANNEL_TYPES } from '../../contracts/channel.ts';
import { bytea } from './bytea.ts';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

const CONNECTION_STATUSES = ['active', 'disabled'] as const;

/** Violated by a group that another tenant has connected. */
export const TELEGRAM_GROUP_KEY = 'channel_connections_group_key';

/** Violated by a bot that another tenant's active connection has; the trigger of migration 0023 refuses it. */
export const TELEGRAM_BOTS_KEY = 'channel_connections_bots_key';

/** A tenant's account at a channel. For Telegram `channelId` is the group's chat id and `secrets` holds its bots' tokens. */
export const channelConnections = pgTable(
  'channel_connections',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    type: text('type', { enum: CHANNEL_TYPES }).notNull(),
    channelId: text('channel_id'),
    status: text('status', { enum: CONNECTION_STATUSES }).notNull().default('active'),
    /** What is no secret. */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    /** JSON, encrypted with the tenant's data key. */
    secrets: bytea('secrets'),
    /** Who the tokens in `secrets` belong to, for Telegram: user ids of bots, which are no secret. */
    botIds: text('bot_ids').array().notNull().default([]),
    /** SHA-256 of the secret in the webhook's path: it leads from an incoming call to the tenant. */
    webhookSecretHash: bytea('webhook_secret_hash'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('channel_connections_webhook_key').on(table.webhookSecretHash),
    unique('channel_connections_channel_key').on(table.tenantId, table.type, table.channelId),
    // Two tenants in one group would read each other: whoever has it keeps it.
    uniqueIndex(TELEGRAM_GROUP_KEY)
      .on(table.channelId)
      .where(sql`${table.type} = 'telegram' and ${table.status} = 'active'`),
    check('channel_connections_type_check', oneOf(table.type, CHANNEL_TYPES)),
    check('channel_connections_status_check', oneOf(table.status, CONNECTION_STATUSES)),
    check('channel_connections_channel_id_check', sql`${table.type} = 'web' or ${table.channelId} is not null`),
  ],
);

import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { CHANNEL_TYPES } from '../../contracts/channel.ts';
import type { VisitSource } from '../../contracts/webchat.ts';
import { createdAt, moment, tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { sites } from './sites.ts';

const CONVERSATION_STATUSES = ['new', 'waiting', 'active', 'closed'] as const;
const OWNERS = ['flow', 'ai', 'human'] as const;

/** The conversation as its workflow last recorded it. Deleting the row deletes all that hangs on it. */
export const conversations = pgTable(
  'conversations',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    /** The portal's conversations belong to an agent of the tenant and to no site. */
    siteId: uuid('site_id'),
    channel: text('channel', { enum: CHANNEL_TYPES }).notNull(),
    status: text('status', { enum: CONVERSATION_STATUSES }).notNull(),
    owner: text('owner', { enum: OWNERS }).notNull(),
    claimedById: text('claimed_by_id'),
    claimedByName: text('claimed_by_name'),
    title: text('title'),
    visitorName: text('visitor_name'),
    source: jsonb('source').$type<VisitSource>().notNull(),
    flowId: uuid('flow_id'),
    flowVersion: integer('flow_version'),
    /** The workflow's turn that wrote the row; a lower one changes nothing any more. */
    turn: integer('turn').notNull(),
    /** The turn at which the conversation was last emptied, 0 for never: nothing of a turn up to it is recorded any more. */
    resetTurn: integer('reset_turn').notNull().default(0),
    /** The highest `seq` given to a message. */
    lastSeq: integer('last_seq').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    closedAt: moment('closed_at'),
    snoozedUntil: moment('snoozed_until'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      name: 'conversations_site_fkey',
      columns: [table.tenantId, table.siteId],
      foreignColumns: [sites.tenantId, sites.id],
    }),
    index('conversations_updated_idx').on(table.tenantId, table.updatedAt, table.id),
    index('conversations_status_idx').on(table.tenantId, table.status, table.updatedAt, table.id),
    index('conversations_closed_idx')
      .on(table.tenantId, table.closedAt, table.id)
      .where(sql`${table.closedAt} is not null`),
    check('conversations_channel_check', oneOf(table.channel, CHANNEL_TYPES)),
    check('conversations_site_check', sql`${table.channel} <> 'web' or ${table.siteId} is not null`),
    check('conversations_status_check', oneOf(table.status, CONVERSATION_STATUSES)),
    check('conversations_owner_check', oneOf(table.owner, OWNERS)),
    check('conversations_claimed_by_check', sql`(${table.claimedById} is null) = (${table.claimedByName} is null)`),
    check('conversations_last_seq_check', sql`${table.lastSeq} >= 0`),
  ],
);

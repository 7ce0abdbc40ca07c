import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  inet,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type { VisitorTraits, VisitSource } from '../../contracts/webchat.ts';
import { createdAt, moment, tenantId } from './columns.ts';
import { sites } from './sites.ts';

/**
 * The edge's own record of a visitor: written at `init`, before there is a conversation, so it refers to none.
 * `externalSessionId` is the embedding site's name for the visitor and finds the conversation again.
 */
export const sessions = pgTable(
  'sessions',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    siteId: uuid('site_id').notNull(),
    externalSessionId: text('external_session_id'),
    visitorName: text('visitor_name'),
    source: jsonb('source').$type<VisitSource>().notNull().default({}),
    /** Who the visitor is, by a token that the site signed; finds the conversation again on any device. */
    verifiedUserId: text('verified_user_id'),
    /** What the site says of the visitor. */
    traits: jsonb('traits').$type<VisitorTraits>().notNull().default({}),
    traitsVerified: boolean('traits_verified').notNull().default(false),
    ip: inet('ip'),
    ipSeenAt: moment('ip_seen_at'),
    lastSeenAt: moment('last_seen_at'),
    /** Tokens of the session count no more. */
    revokedAt: moment('revoked_at'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    // The site comes last: whoever wants to be forgotten is looked for on every site.
    unique('sessions_external_key').on(table.tenantId, table.externalSessionId, table.siteId),
    unique('sessions_verified_key').on(table.tenantId, table.verifiedUserId, table.siteId),
    index('sessions_ip_idx').on(table.tenantId, table.ipSeenAt).where(sql`${table.ip} is not null`),
    // An address that nobody knows the age of would never be forgotten.
    check('sessions_ip_check', sql`(${table.ip} is null) = (${table.ipSeenAt} is null)`),
    foreignKey({
      name: 'sessions_site_fkey',
      columns: [table.tenantId, table.siteId],
      foreignColumns: [sites.tenantId, sites.id],
    }).onDelete('cascade'),
  ],
);

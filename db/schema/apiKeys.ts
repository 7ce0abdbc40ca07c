import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { type Scope, scopeSchema } from '../../contracts/access.ts';
import { bytea } from './bytea.ts';
import { createdAt, moment, tenantId } from './columns.ts';
import { tenants } from './tenants.ts';

const SCOPES = sql.raw(scopeSchema.options.map((scope) => `'${scope}'`).join(', '));

/** A program's access to one tenant. The key itself is shown once and never kept. */
export const apiKeys = pgTable(
  'api_keys',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** The key's first characters, by which people tell keys apart. */
    prefix: text('prefix').notNull(),
    /** SHA-256 of the key; unique in the whole installation, as it leads to the tenant. */
    secretHash: bytea('secret_hash').notNull(),
    scopes: text('scopes').array().$type<Scope[]>().notNull(),
    requestsPerMinute: integer('requests_per_minute').notNull(),
    /** Who made it: an actor's kind and id, e.g. `person/0190…`. */
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('api_keys_secret_key').on(table.secretHash),
    check('api_keys_scopes_check', sql`${table.scopes} <@ array[${SCOPES}]`),
    check('api_keys_requests_check', sql`${table.requestsPerMinute} > 0`),
  ],
);

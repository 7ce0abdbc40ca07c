import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea } from './bytea.ts';
import { createdAt, tenantId } from './columns.ts';
import { tenants } from './tenants.ts';

/** The data keys of a tenant, each wrapped by the master key. The highest version encrypts, every version decrypts. */
export const tenantKeys = pgTable(
  'tenant_keys',
  {
    tenantId: tenantId().references(() => tenants.id),
    version: integer('version').notNull(),
    wrapped: bytea('wrapped').notNull(),
    /** Which master key wrapped it; null for keys from before master keys had names. */
    masterKeyId: text('master_key_id'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.version] }),
    check('tenant_keys_version_check', sql`${table.version} > 0`),
  ],
);

import { check, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { type Role, roleSchema } from '../../contracts/access.ts';
import { bytea } from './bytea.ts';
import { createdAt, tenantId, updatedAt } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** A tenant's own OpenID Connect provider, one at most. `slug` is in its callback's address, so unique in the whole installation. */
export const identityProviders = pgTable(
  'identity_providers',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    slug: text('slug').notNull(),
    issuer: text('issuer').notNull(),
    clientId: text('client_id').notNull(),
    /** Sealed with the tenant's data key. */
    clientSecret: bytea('client_secret').notNull(),
    /** What whoever signs in for the first time becomes. */
    defaultRole: text('default_role').$type<Role>().notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('identity_providers_tenant_key').on(table.tenantId),
    unique('identity_providers_slug_key').on(table.slug),
    check('identity_providers_role_check', oneOf(table.defaultRole, roleSchema.options)),
  ],
);

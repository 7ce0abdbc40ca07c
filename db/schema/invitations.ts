import { check, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { type Role, roleSchema } from '../../contracts/access.ts';
import { bytea } from './bytea.ts';
import { createdAt, moment, tenantId } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** A place in a tenant that somebody may take who has the token, until `expiresAt` and once. */
export const invitations = pgTable(
  'invitations',
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid('id').notNull(),
    email: text('email').notNull(),
    role: text('role').$type<Role>().notNull(),
    /** SHA-256 of the token; unique in the whole installation, as it leads to the tenant. */
    tokenHash: bytea('token_hash').notNull(),
    invitedBy: text('invited_by').notNull(),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    acceptedAt: moment('accepted_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('invitations_token_key').on(table.tokenHash),
    check('invitations_role_check', oneOf(table.role, roleSchema.options)),
  ],
);

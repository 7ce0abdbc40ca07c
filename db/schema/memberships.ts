import { check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { type Role, roleSchema } from '../../contracts/access.ts';
import { createdAt, tenantId } from './columns.ts';
import { oneOf } from './oneOf.ts';
import { tenants } from './tenants.ts';

/** What a person is in a tenant. */
export const memberships = pgTable(
  'memberships',
  {
    tenantId: tenantId().references(() => tenants.id),
    userId: text('user_id').notNull(),
    role: text('role').$type<Role>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    index('memberships_user_idx').on(table.userId),
    check('memberships_role_check', oneOf(table.role, roleSchema.options)),
  ],
);

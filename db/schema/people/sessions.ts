import { index, text, unique, uuid } from 'drizzle-orm/pg-core';
import { createdAt, moment, updatedAt } from '../columns.ts';
import { peopleSchema } from './peopleSchema.ts';
import { users } from './users.ts';

/**
 * A signed-in browser. The cookie holds `token` with a signature, so who reads this table alone cannot make one. `updatedAt` is
 * when it was last used. `ipAddress` and `userAgent` are better-auth's and stay empty.
 */
export const sessions = peopleSchema.table(
  'sessions',
  {
    id: text('id').primaryKey(),
    token: text('token').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Set where a tenant's own identity provider vouched for the person: nobody else has to believe it. */
    onlyTenantId: uuid('only_tenant_id'),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [unique('sessions_token_key').on(table.token), index('sessions_user_idx').on(table.userId)],
);

import { index, text, unique } from 'drizzle-orm/pg-core';
import { createdAt, moment, updatedAt } from '../columns.ts';
import { peopleSchema } from './peopleSchema.ts';
import { users } from './users.ts';

/**
 * A way to sign in as a person: `credential` with a password's scrypt hash, or `<tenantId>/<issuer>` with the subject that a
 * tenant's identity provider knows the person by. We keep no tokens of a provider: those columns are better-auth's.
 */
export const accounts = peopleSchema.table(
  'accounts',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    password: text('password'),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: moment('access_token_expires_at'),
    refreshTokenExpiresAt: moment('refresh_token_expires_at'),
    scope: text('scope'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    unique('accounts_provider_key').on(table.providerId, table.accountId),
    index('accounts_user_idx').on(table.userId),
  ],
);

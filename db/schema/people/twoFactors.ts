import { boolean, integer, text, unique } from 'drizzle-orm/pg-core';
import { moment } from '../columns.ts';
import { peopleSchema } from './peopleSchema.ts';
import { users } from './users.ts';

/** A person's authenticator app. Secret and recovery codes are encrypted with the secret of `people.secrets`. */
export const twoFactors = peopleSchema.table(
  'two_factors',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    secret: text('secret').notNull(),
    backupCodes: text('backup_codes').notNull(),
    verified: boolean('verified').notNull().default(false),
    failedVerificationCount: integer('failed_verification_count').notNull().default(0),
    lockedUntil: moment('locked_until'),
  },
  (table) => [unique('two_factors_user_key').on(table.userId)],
);

import { sql } from 'drizzle-orm';
import { boolean, check, text, unique } from 'drizzle-orm/pg-core';
import { createdAt, updatedAt } from '../columns.ts';
import { peopleSchema } from './peopleSchema.ts';

/** A person with an account. `platformAdmin` runs the installation; what they are in a tenant is in `memberships`. */
export const users = peopleSchema.table(
  'users',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    platformAdmin: boolean('platform_admin').notNull().default(false),
    twoFactorEnabled: boolean('two_factor_enabled').notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    unique('users_email_key').on(table.email),
    check('users_email_check', sql`${table.email} = lower(${table.email})`),
  ],
);

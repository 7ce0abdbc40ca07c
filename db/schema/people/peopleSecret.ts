import { sql } from 'drizzle-orm';
import { check, integer } from 'drizzle-orm/pg-core';
import { bytea } from '../bytea.ts';
import { createdAt } from '../columns.ts';
import { peopleSchema } from './peopleSchema.ts';

/**
 * The one secret that signs people's cookies and encrypts their second factors, sealed with the data key of the default tenant:
 * a new master key wraps that key anew, and nobody is signed out by it.
 */
export const peopleSecret = peopleSchema.table(
  'secret',
  {
    id: integer('id').primaryKey().default(1),
    sealed: bytea('sealed').notNull(),
    createdAt: createdAt(),
  },
  (table) => [check('secret_one_row_check', sql`${table.id} = 1`)],
);

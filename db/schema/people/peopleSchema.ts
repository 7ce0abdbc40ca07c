import { pgSchema } from 'drizzle-orm/pg-core';

/**
 * People with an account: installation-wide, as one person may be a member of several tenants, so no row here belongs to a
 * tenant. Written by better-auth, whose names the columns' properties are.
 */
export const peopleSchema = pgSchema('people');

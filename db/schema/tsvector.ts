import { customType } from 'drizzle-orm/pg-core';

/** What full text search looks through; made by Postgres, never sent to the application. */
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

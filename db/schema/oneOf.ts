import { type AnyColumn, type SQL, sql } from 'drizzle-orm';

/** The condition of a CHECK constraint: the column holds one of these words. */
export function oneOf(column: AnyColumn, words: readonly string[]): SQL {
  const list = sql.raw(words.map((word) => `'${word}'`).join(', '));
  return sql`${column} in (${list})`;
}

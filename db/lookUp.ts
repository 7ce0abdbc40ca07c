import { DatabaseError as PostgresError, type QueryResultRow } from 'pg';
import type { Db } from './createDb.ts';
import { toDatabaseError } from './databaseError.ts';

/** A call of one of the functions that lead from a public name to its tenant. Outside of a tenant nothing else answers. */
export async function lookUp<Row extends QueryResultRow>(
  db: Db,
  statement: { name: string; text: string; values: unknown[] },
): Promise<Row | undefined> {
  try {
    const { rows } = await db.pool.query<Row>(statement);
    return rows[0];
  } catch (error) {
    // Without a transaction around it there is nobody to tell a lost connection from a refusal but the error itself.
    throw toDatabaseError(error, !(error instanceof PostgresError));
  }
}

import { DatabaseError as PostgresError, type QueryResultRow } from 'pg';
import type { Db } from './createDb.ts';
import { toDatabaseError } from './databaseError.ts';

interface Statement {
  name: string;
  text: string;
  values?: unknown[];
}

/** A call of one of the functions that lead from a public name to its tenant. Outside of a tenant nothing else answers. */
export async function lookUp<Row extends QueryResultRow>(db: Db, statement: Statement): Promise<Row | undefined> {
  const [row] = await lookUpAll<Row>(db, statement);
  return row;
}

/** The same for those that lead to many tenants. */
export async function lookUpAll<Row extends QueryResultRow>(db: Db, statement: Statement): Promise<Row[]> {
  try {
    const { rows } = await db.pool.query<Row>(statement);
    return rows;
  } catch (error) {
    // Without a transaction around it there is nobody to tell a lost connection from a refusal but the error itself.
    throw toDatabaseError(error, !(error instanceof PostgresError));
  }
}

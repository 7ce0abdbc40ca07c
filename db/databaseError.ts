import { DrizzleQueryError } from 'drizzle-orm/errors';
import { DatabaseError as PostgresError } from 'pg';
import { CodedError } from '../contracts/errors.ts';

/** SQLSTATEs, or the classes they begin with, of failures that pass: the same statement may succeed a moment later. */
const TRANSIENT = /^(08|53|57|58|40001|40P01|55P03|25006|25P03)/;

/** SQLSTATE with which the trigger `conversations_erased` refuses a conversation. */
export const CONVERSATION_ERASED_STATE = 'PE001';

/**
 * A statement that failed. `database_unavailable`: Postgres is out of reach, overloaded or restarting, repeat it later.
 * `internal`: Postgres said no. Names the SQLSTATE and the constraint only: Postgres' own words may quote a row.
 */
export class DatabaseError extends CodedError {
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;

  constructor(code: 'database_unavailable' | 'internal', sqlState?: string, constraint?: string) {
    const reason = [sqlState, constraint].filter(Boolean).join(', ');
    const what = code === 'internal' ? 'The database refused a statement' : 'The database is out of reach';
    super(code, reason ? `${what} (${reason})` : what, code === 'internal' ? {} : { retryAfterSeconds: 2 });
    this.name = 'DatabaseError';
    this.sqlState = sqlState;
    this.constraint = constraint;
  }
}

/** What may leave the database layer: errors of Postgres and its driver become {@link DatabaseError}, others stay as they are. */
export function toDatabaseError(error: unknown, connectionBroken: boolean): unknown {
  const origin = error instanceof DrizzleQueryError ? error.cause : error;
  if (origin instanceof PostgresError) {
    const transient = connectionBroken || TRANSIENT.test(origin.code ?? '');
    return new DatabaseError(transient ? 'database_unavailable' : 'internal', origin.code, origin.constraint);
  }
  // Without an answer of Postgres a query fails only when there is no connection.
  if (connectionBroken || error instanceof DrizzleQueryError) return new DatabaseError('database_unavailable');
  return error;
}

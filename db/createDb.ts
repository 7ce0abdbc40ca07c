import { Pool } from 'pg';

/** Long enough for a busy database, short enough that a dead one is noticed before a visitor gives up. Milliseconds. */
const CONNECT_TIMEOUT = 2_000;
const STATEMENT_TIMEOUT = 5_000;
/** For a host that vanished without a word: Postgres cannot end the statement then. Above STATEMENT_TIMEOUT, which is kinder. */
const ANSWER_TIMEOUT = 8_000;
const IDLE_IN_TRANSACTION_TIMEOUT = 10_000;

/** The application's connections. Queries go through `withTenant`; what leads to a tenant goes through `lookUp`. */
export interface Db {
  readonly pool: Pool;
  /** Waits for what is under way, then ends every connection. */
  close(): Promise<void>;
}

/**
 * Opens a pool of at most `poolSize` connections as the application's role. Connects on first use, so it starts without
 * a database; connections that a crash of Postgres broke are replaced on the next use.
 */
export function createDb(appUrl: string, { poolSize }: { poolSize: number }): Db {
  const pool = new Pool({
    connectionString: appUrl,
    application_name: 'parley',
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    statement_timeout: STATEMENT_TIMEOUT,
    query_timeout: ANSWER_TIMEOUT,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
    keepAlive: true,
    // Statements are sent without waiting for the answers to those before.
    pipeline: true,
  });
  // An idle connection broke: the pool has dropped it already, and without a listener the process would end.
  pool.on('error', () => {});
  return { pool, close: () => pool.end() };
}

import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { Db } from './createDb.ts';
import { DatabaseError, toDatabaseError } from './databaseError.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A transaction in which exactly one tenant's rows exist. `$client` runs prepared statements on hot paths. */
export type TenantTx = NodePgDatabase & { $client: PoolClient };

export interface TransactionOptions {
  /** An id (UUID) that one transaction at a time may hold, e.g. a conversation's, whether or not it has a row yet. */
  lock?: string;
  /** Every statement sees the rows as they were at the first one, and none may write. */
  snapshot?: boolean;
}

/**
 * The one door to tenants' rows: runs `work` in a transaction that sees and writes this tenant's rows only, and commits
 * when it resolves. Costs one round trip beside those of `work`. Throws a `DatabaseError` for all that the database did;
 * errors of `work` itself pass through. `tenantId` must be a UUID.
 */
export async function withTenant<T>(
  db: Db,
  tenantId: string,
  work: (tx: TenantTx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const begin = beginStatement(tenantId, options);
  return withClient(db, async (client) => {
    const begun = client.query(begin);
    // Only a lock must be held before `work` begins; otherwise its first statement is sent along, and fails if this does.
    if (options.lock !== undefined) await begun;
    const [beginning, working] = await Promise.allSettled([begun, work(drizzle(client))]);
    if (beginning.status === 'rejected') throw beginning.reason;
    if (working.status === 'rejected') throw working.reason;
    requireCommit(await client.query('COMMIT'));
    return working.value;
  });
}

/**
 * Statements in such a transaction, in one round trip: all of them are sent before the first answer comes. What follows a
 * statement that failed does nothing, because the transaction is over then. Resolves to the rows of each.
 */
export async function pipelineAsTenant(
  db: Db,
  tenantId: string,
  statements: readonly QueryConfig[],
  options: TransactionOptions = {},
): Promise<QueryResultRow[][]> {
  const begin = beginStatement(tenantId, options);
  return withClient(db, async (client) => {
    const sent = [begin, ...statements, 'COMMIT'].map((statement) => client.query(statement));
    // The connection goes back to the pool, or is rolled back, only when nothing is under way on it any more.
    await Promise.allSettled(sent);
    const results = await Promise.all(sent);
    const ended = results.pop();
    if (ended) requireCommit(ended);
    return results.slice(1).map(({ rows }) => rows);
  });
}

/** One statement as in `pipelineAsTenant`. */
export async function queryAsTenant<Row extends QueryResultRow>(
  db: Db,
  tenantId: string,
  statement: QueryConfig,
  options: TransactionOptions = {},
): Promise<Row[]> {
  const [rows = []] = await pipelineAsTenant(db, tenantId, [statement], options);
  return rows as Row[];
}

/** A connection for `work`, which goes back to the pool clean. */
async function withClient<T>(db: Db, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect().catch((error: unknown) => {
    throw toDatabaseError(error, true);
  });
  let broken = false;
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    broken ||= !(await rolledBack(client));
    throw toDatabaseError(error, broken);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Postgres answers ROLLBACK when a statement had failed and `work` went on as if nothing had happened. */
function requireCommit({ command }: QueryResult): void {
  if (command !== 'COMMIT') throw new DatabaseError('internal');
}

/** One simple query, so one round trip. It cannot have parameters: whatever is not a UUID must not get into it. */
function beginStatement(tenantId: string, { lock, snapshot }: TransactionOptions): string {
  const begin = snapshot ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN';
  const statements = [begin, `SELECT set_config('app.tenant_id', '${uuid(tenantId)}', true)`];
  if (lock !== undefined) {
    statements.push(`SELECT pg_advisory_xact_lock(hashtextextended('${uuid(lock)}', 0))`);
  }
  return statements.join('; ');
}

function uuid(value: string): string {
  if (!UUID.test(value)) throw new TypeError('Not a UUID');
  return value.toLowerCase();
}

/** Whether the connection is clean again and may go back to the pool. */
async function rolledBack(client: PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

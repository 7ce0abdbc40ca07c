import { getTableConfig } from 'drizzle-orm/pg-core';
import type { TenantTx } from '../../withTenant.ts';
import type { Words } from '../../words.ts';
import { EXPORTED_TABLES, type ExportedTable } from './exportedTables.ts';

/** Raised when a line's form changes, so that whoever reads archives knows. */
const EXPORT_VERSION = 1;

/** Rows that are in memory at once: of the longest messages some 500 KB. */
export const EXPORT_BATCH = 100;

/** A reader that takes nothing for that long is cut off: its snapshot keeps Postgres from cleaning up. */
const IDLE_TIMEOUT = '60s';

/** Bytes are secrets and hashes (what people said is opened by itself); a search vector is made of other columns. */
const LEFT_OUT = ['bytea', 'tsvector'];

export interface ExportScope {
  tenantId: string;
  /** A visitor's conversations; undefined for all that the tenant has. */
  conversationIds?: string[];
}

interface ExportedRow {
  row: string;
  sealed: (Buffer | null)[];
}

/**
 * The archive, line by line, each JSON with a `type`: `export` first, then the rows of every table by its name, and `end` with
 * the number of lines a table. An archive without that line was cut off. Reads with cursors, a batch ahead of its reader at
 * most; the transaction must be a snapshot, and the tenant's keys at hand.
 */
export async function* exportLines(tx: TenantTx, words: Words, scope: ExportScope): AsyncGenerator<string> {
  await tx.$client.query(`SET LOCAL idle_in_transaction_session_timeout = '${IDLE_TIMEOUT}'`);
  const { rows } = await tx.$client.query<{ at: Date }>('SELECT now() AS at');
  const tables = EXPORTED_TABLES.filter(({ conversation }) => !scope.conversationIds || conversation);
  const counts: Record<string, number> = {};
  yield lineOf({
    type: 'export',
    version: EXPORT_VERSION,
    takenAt: rows[0]?.at.toISOString(),
    ...scope,
    tables: tables.map(({ table }) => getTableConfig(table).name),
  });
  for (const exported of tables) {
    const { name } = getTableConfig(exported.table);
    counts[name] = 0;
    for await (const line of tableLines(tx, words, scope, exported)) {
      counts[name] += 1;
      yield line;
    }
  }
  yield lineOf({ type: 'end', complete: true, counts });
}

async function* tableLines(
  tx: TenantTx,
  words: Words,
  scope: ExportScope,
  exported: ExportedTable,
): AsyncGenerator<string> {
  const { text, values } = cursorOf(scope, exported);
  const type = JSON.stringify(getTableConfig(exported.table).name);
  await tx.$client.query(text, values);
  for (;;) {
    const { rows } = await tx.$client.query<ExportedRow>(`FETCH ${EXPORT_BATCH} FROM export`);
    // Postgres has made the object; only what is new goes in front of its first member.
    for (const { row, sealed } of rows) {
      const opened = await openSealed(words, scope.tenantId, exported, sealed);
      yield `{"type":${type},${opened}${row.slice(1)}\n`;
    }
    if (rows.length < EXPORT_BATCH) break;
  }
  await tx.$client.query('CLOSE export');
}

/** The sealed columns as members of the line's object, each with the comma behind it. */
async function openSealed(
  words: Words,
  tenantId: string,
  { sealed: columns = [] }: ExportedTable,
  sealed: readonly (Buffer | null)[],
): Promise<string> {
  const members = await Promise.all(
    columns.map(async ({ column, by, holds }, index) => {
      const name = JSON.stringify(column);
      const bytes = sealed[index];
      if (!bytes) return `${name}:null,`;
      const opened = await by(words).open(tenantId, bytes);
      return `${name}:${holds === 'json' ? opened : JSON.stringify(opened)},`;
    }),
  );
  return members.join('');
}

/** By primary key: the index gives the rows in that order, so Postgres neither sorts nor keeps them. */
function cursorOf({ tenantId, conversationIds }: ExportScope, { table, conversation, sealed = [] }: ExportedTable) {
  const { name, columns, primaryKeys } = getTableConfig(table);
  const shown = columns
    .filter((column) => !LEFT_OUT.includes(column.getSQLType()))
    // `type` is the line's own.
    .map(({ name }) => (name === 'type' ? 't."type" AS kind' : `t."${name}"`));
  const key = primaryKeys.flatMap((primary) => primary.columns).map((column) => `t."${column.name}"`);
  const owner = columns.some((column) => column.name === 'tenant_id') ? 'tenant_id' : 'id';
  const words = `ARRAY[${sealed.map(({ column }) => `t."${column}"`).join(', ')}]::bytea[]`;
  const mine = conversationIds ? ` AND t."${conversation}" = ANY($2::uuid[])` : '';
  return {
    text: `DECLARE export NO SCROLL CURSOR FOR
      SELECT row_to_json((SELECT r FROM (SELECT ${shown.join(', ')}) r))::text AS row, ${words} AS sealed
      FROM "${name}" t WHERE t."${owner}" = $1${mine}
      ORDER BY ${key.length > 0 ? key.join(', ') : `t."${owner}"`}`,
    values: conversationIds ? [tenantId, conversationIds] : [tenantId],
  };
}

function lineOf(value: Record<string, unknown>): string {
  return `${JSON.stringify(value)}\n`;
}

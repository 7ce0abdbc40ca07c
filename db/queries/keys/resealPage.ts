import type { Db } from '../../createDb.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { type SealedColumn, tenantOf } from './sealedColumns.ts';

export interface ResealInput {
  tenantId: string;
  column: SealedColumn;
  /** The version under which values shall be; those are left alone. */
  version: number;
  /** The last page's `last`; undefined for the first page. */
  after?: readonly string[];
  /** Undefined for a value that does not open: it is left as it is. */
  reseal(sealed: Buffer): Promise<Buffer | undefined>;
}

export interface ResealedPage {
  resealed: number;
  unreadable: number;
  /** Key of the page's last row; undefined when there are no more pages. */
  last: readonly string[] | undefined;
}

interface Row {
  key: string[];
  /** Null: under the wanted version already, or no value at all. */
  sealed: Buffer | null;
}

/** Rows that one statement reads: bounded by rows, not by finds, so that no statement grows with the table. */
const PAGE_ROWS = 500;

/** Reseals what one page of rows needs, in one transaction. A value that was changed meanwhile keeps the change. */
export async function resealPage(db: Db, input: ResealInput): Promise<ResealedPage> {
  return withTenant(db, input.tenantId, async (tx) => {
    const rows = await readPage(tx, input);
    const changes: { key: string[]; before: Buffer; sealed: Buffer }[] = [];
    let unreadable = 0;
    for (const { key, sealed: before } of rows) {
      if (!before) continue;
      const sealed = await input.reseal(before);
      if (sealed) changes.push({ key, before, sealed });
      else unreadable += 1;
    }
    const resealed = changes.length === 0 ? 0 : await writePage(tx, input, changes);
    return { resealed, unreadable, last: rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.key };
  });
}

async function readPage(tx: TenantTx, { tenantId, column, version, after }: ResealInput): Promise<Row[]> {
  const { table, key, column: name } = column;
  const names = key.map((part) => part.name).join(', ');
  const beyond = key.map(({ type }, index) => `$${index + 3}::${type}`).join(', ');
  const { rows } = await tx.$client.query<Row>(
    `SELECT ARRAY[${key.map((part) => `${part.name}::text`).join(', ')}] AS key,
       CASE WHEN get_byte(${name}, 0) <> $2 THEN ${name} END AS sealed
     FROM ${table} WHERE ${tenantOf(column)} = $1 ${after ? `AND (${names}) > (${beyond})` : ''}
     ORDER BY ${names} LIMIT ${PAGE_ROWS}`,
    [tenantId, version, ...(after ?? [])],
  );
  return rows;
}

async function writePage(
  tx: TenantTx,
  { tenantId, column: sealedColumn }: ResealInput,
  changes: readonly { key: string[]; before: Buffer; sealed: Buffer }[],
): Promise<number> {
  const { table, column, key } = sealedColumn;
  const parts = key.map(({ type }, index) => `$${index + 4}::${type}[]`).join(', ');
  const names = key.map(({ name }) => name).join(', ');
  const same = key.map(({ name }) => `stored.${name} = change.${name}`).join(' AND ');
  const { rowCount } = await tx.$client.query(
    `UPDATE ${table} AS stored SET ${column} = change.sealed
     FROM unnest($2::bytea[], $3::bytea[], ${parts}) AS change (before, sealed, ${names})
     WHERE ${tenantOf(sealedColumn)} = $1 AND ${same} AND stored.${column} = change.before`,
    [
      tenantId,
      changes.map(({ before }) => before),
      changes.map(({ sealed }) => sealed),
      ...key.map((_part, index) => changes.map((change) => change.key[index])),
    ],
  );
  return rowCount ?? 0;
}

import type { TenantTx } from '../../withTenant.ts';
import { type SealedColumn, tenantOf } from './sealedColumns.ts';

export interface SealedPageInput {
  tenantId: string;
  column: SealedColumn;
  /** The last page's `last`; undefined for the first page. */
  after?: readonly string[];
}

export interface SealedPage<Value> {
  rows: { key: string[]; value: Value }[];
  /** Key of the page's last row; undefined when there are no more pages. */
  last: readonly string[] | undefined;
}

/** Rows that one statement reads: bounded by rows, not by finds, so that no statement grows with the table. */
export const SEALED_PAGE_ROWS = 500;

/** Keys of one page of a column's rows, in their order, with `value` (SQL, never a client's) of each. */
export async function readSealedPage<Value>(
  tx: TenantTx,
  { tenantId, column, after }: SealedPageInput,
  value: string,
): Promise<SealedPage<Value>> {
  const { table, key } = column;
  const names = key.map(({ name }) => name).join(', ');
  const beyond = key.map(({ type }, index) => `$${index + 2}::${type}`).join(', ');
  const { rows } = await tx.$client.query<{ key: string[]; value: Value }>(
    `SELECT ARRAY[${key.map(({ name }) => `${name}::text`).join(', ')}] AS key, ${value} AS value
     FROM ${table} WHERE ${tenantOf(column)} = $1 ${after ? `AND (${names}) > (${beyond})` : ''}
     ORDER BY ${names} LIMIT ${SEALED_PAGE_ROWS}`,
    [tenantId, ...(after ?? [])],
  );
  return { rows, last: rows.length < SEALED_PAGE_ROWS ? undefined : rows.at(-1)?.key };
}

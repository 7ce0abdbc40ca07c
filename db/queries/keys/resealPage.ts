import type { Db } from '../../createDb.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { readSealedPage, type SealedPageInput } from './readSealedPage.ts';
import { tenantOf } from './sealedColumns.ts';

export interface ResealInput extends SealedPageInput {
  /** The version under which values shall be; those are left alone. */
  version: number;
  /** Undefined for a value that does not open: it is left as it is. */
  reseal(sealed: Buffer): Promise<Buffer | undefined>;
}

export interface ResealedPage {
  resealed: number;
  unreadable: number;
  /** Key of the page's last row; undefined when there are no more pages. */
  last: readonly string[] | undefined;
}

/** Reseals what one page of rows needs, in one transaction. A value that was changed meanwhile keeps the change. */
export async function resealPage(db: Db, input: ResealInput): Promise<ResealedPage> {
  return withTenant(db, input.tenantId, async (tx) => {
    const { column: name } = input.column;
    // Null: under the wanted version already, or no value at all.
    const outdated = `CASE WHEN get_byte(${name}, 0) <> ${input.version} THEN ${name} END`;
    const { rows, last } = await readSealedPage<Buffer | null>(tx, input, outdated);
    const changes: { key: string[]; before: Buffer; sealed: Buffer }[] = [];
    let unreadable = 0;
    for (const { key, value: before } of rows) {
      if (!before) continue;
      const sealed = await input.reseal(before);
      if (sealed) changes.push({ key, before, sealed });
      else unreadable += 1;
    }
    const resealed = changes.length === 0 ? 0 : await writePage(tx, input, changes);
    return { resealed, unreadable, last };
  });
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

import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { readSealedPage } from './readSealedPage.ts';
import { SEALED_COLUMNS } from './sealedColumns.ts';

/**
 * How many of the tenant's sealed values are under each version of its data key. Version 0: not sealed yet. Counts page by page, each
 * a transaction of its own: a tenant may have more than one statement could read within its time.
 */
export async function countSealed(db: Db, tenantId: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const column of SEALED_COLUMNS) {
    let after: readonly string[] | undefined;
    do {
      const input = { tenantId, column, after };
      const version = `get_byte(${column.column}, 0)`;
      const page = await withTenant(db, tenantId, (tx) => readSealedPage<number | null>(tx, input, version));
      for (const { value } of page.rows) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
      after = page.last;
    } while (after);
  }
  return counts;
}

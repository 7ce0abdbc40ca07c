import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { SEALED_COLUMNS, tenantOf } from './sealedColumns.ts';

/** How many of the tenant's sealed values are under each version of its data key. Version 0: not sealed yet. */
export async function countSealed(db: Db, tenantId: string): Promise<Map<number, number>> {
  const columns = SEALED_COLUMNS.map(
    (sealed) =>
      `SELECT get_byte(${sealed.column}, 0) AS version FROM ${sealed.table}
       WHERE ${tenantOf(sealed)} = $1 AND ${sealed.column} IS NOT NULL`,
  );
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query<{ version: number; count: number }>(
      `SELECT version, count(*)::int AS count FROM (${columns.join(' UNION ALL ')}) AS sealed GROUP BY version`,
      [tenantId],
    ),
  );
  return new Map(rows.map(({ version, count }) => [version, count]));
}

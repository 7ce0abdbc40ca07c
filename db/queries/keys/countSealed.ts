import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { SEALED_COLUMNS } from './sealedColumns.ts';

/** How many of the tenant's sealed values are under each version of its data key. Version 0: not sealed yet. */
export async function countSealed(db: Db, tenantId: string): Promise<Map<number, number>> {
  const columns = SEALED_COLUMNS.map(
    ({ table, column }) =>
      `SELECT get_byte(${column}, 0) AS version FROM ${table} WHERE tenant_id = $1 AND ${column} IS NOT NULL`,
  );
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query<{ version: number; count: number }>(
      `SELECT version, count(*)::int AS count FROM (${columns.join(' UNION ALL ')}) AS sealed GROUP BY version`,
      [tenantId],
    ),
  );
  return new Map(rows.map(({ version, count }) => [version, count]));
}

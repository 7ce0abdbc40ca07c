import type { Db } from '../../../db/createDb.ts';
import { withTenant } from '../../../db/withTenant.ts';

/** Every row of one tenant, as Postgres writes it, by table. */
export type TenantDump = Readonly<Record<string, string[]>>;

/** Tables of people that hold something about a tenant's members, with the column that names the person. */
const OF_MEMBERS = { users: 'id', accounts: 'user_id', two_factors: 'user_id' };

/** Reads every table that has a tenant, whatever tables there are, and what is kept of the people who are its members. */
export async function dumpTenant(db: Db, tenantId: string): Promise<TenantDump> {
  return withTenant(db, tenantId, async ({ $client }) => {
    const read = async (statement: string) => {
      const { rows } = await $client.query<{ row: string }>(statement, [tenantId]);
      return rows.map(({ row }) => row).toSorted();
    };
    const { rows: tables } = await $client.query<{ name: string }>(
      `SELECT c.table_name AS name FROM information_schema.columns c
       WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' ORDER BY 1`,
    );
    const dump: Record<string, string[]> = {
      tenants: await read('SELECT t::text AS row FROM tenants t WHERE t.id = $1'),
    };
    for (const { name } of tables) {
      dump[name] = await read(`SELECT t::text AS row FROM ${name} t WHERE t.tenant_id = $1`);
    }
    const members = 'SELECT m.user_id FROM memberships m WHERE m.tenant_id = $1';
    for (const [name, column] of Object.entries(OF_MEMBERS)) {
      dump[`people.${name}`] = await read(
        `SELECT p::text AS row FROM people.${name} p WHERE p.${column} IN (${members})`,
      );
    }
    return dump;
  });
}

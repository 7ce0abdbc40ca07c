import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { messages } from '../../db/schema/messages.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { insertRowOfEach, TABLES_WITH_A_ROW } from './fixtures/rowOfEach.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

/** Tables that hold nothing of a tenant. Whoever adds one here says why. */
const WITHOUT_TENANT = [
  // Which migrations were applied.
  'drizzle.__drizzle_migrations',
  // People with an account belong to the installation; what they are in a tenant is a membership.
  'people.accounts',
  'people.secret',
  'people.sessions',
  'people.two_factors',
  'people.users',
  'people.verifications',
];

const PERMISSION_DENIED = '42501';

interface TableSecurity {
  name: string;
  enabled: boolean;
  forced: boolean;
  /** Of the policies that bind the application. */
  policies: { command: string; using: string | null; check: string | null }[];
}

describe('row level security', () => {
  const { ownerUrl, appUrl } = inject('servers');
  let db: Db;
  let mine: TestTenant;
  let other: TestTenant;

  beforeAll(async () => {
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
    [mine, other] = await Promise.all([createTenant(db), createTenant(db)]);
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    for (const tenant of [mine, other]) {
      await recordTurn(turnOf(tenant, uuidV7(), { messages: [visitorSays('Where is my parcel?')] }));
    }
  });

  afterAll(() => db.close());

  async function tables(): Promise<TableSecurity[]> {
    const { rows } = await db.pool.query<TableSecurity>(`
      SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
        coalesce((
          SELECT json_agg(json_build_object(
            'command', p.polcmd, 'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
          FROM pg_policy p
          WHERE p.polrelid = c.oid AND (0 = ANY (p.polroles) OR 'parley_app'::regrole = ANY (p.polroles))), '[]') AS policies
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      ORDER BY name`);
    return rows;
  }

  it('binds every table but the ones that are listed', async () => {
    const bound = (await tables()).filter(({ name }) => !WITHOUT_TENANT.includes(name));
    expect(bound.length).toBeGreaterThanOrEqual(14);
    for (const { name, enabled, forced, policies } of bound) {
      const condition = expect.stringMatching(
        new RegExp(`^\\(${name === 'public.tenants' ? 'id' : 'tenant_id'} = \\(.*current_setting\\('app.tenant_id'`),
      );
      expect({ name, enabled, forced, policies }).toEqual({
        name,
        enabled: true,
        forced: true,
        policies: [{ command: '*', using: condition, check: condition }],
      });
    }
  });

  it('is not escaped by the application: neither superuser, nor owner, nor exempt, nor able to become the owner', async () => {
    const { rows } = await db.pool.query(`
      SELECT rolsuper, rolbypassrls, rolcreaterole,
        (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned,
        pg_has_role(r.oid, (SELECT relowner FROM pg_class WHERE oid = 'messages'::regclass), 'MEMBER') AS "mayOwn"
      FROM pg_roles r WHERE rolname = current_user`);
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owned: 0, mayOwn: false }]);
  });

  it('is tried with a row of every table', async () => {
    const bound = (await tables()).filter(({ name }) => !WITHOUT_TENANT.includes(name));
    expect(bound.map(({ name }) => name.replace('public.', ''))).toEqual(TABLES_WITH_A_ROW);
  });

  it('shows nothing and takes nothing without a tenant', async () => {
    for (const table of TABLES_WITH_A_ROW) {
      const { rowCount } = await db.pool.query(`SELECT FROM ${table}`);
      expect({ table, rowCount }).toEqual({ table, rowCount: 0 });
    }
    const { tenantId } = mine;
    const insert = 'INSERT INTO flows (tenant_id, id, name) VALUES ($1, $2, $3)';
    await expect(db.pool.query(insert, [tenantId, uuidV7(), 'x'])).rejects.toThrow('row-level security');
  });

  it("shows a tenant its own rows of every table, and lets it neither see, change nor delete another's", async () => {
    const [one, two] = await Promise.all([insertRowOfEach(db), insertRowOfEach(db)]);
    for (const table of TABLES_WITH_A_ROW) {
      const column = table === 'tenants' ? 'id' : 'tenant_id';
      const asOne = (statement: string) =>
        withTenant(db, one, (tx) => tx.$client.query(statement)).catch((error: { sqlState?: string }) => {
          if (error.sqlState === PERMISSION_DENIED) return { rows: [], rowCount: 0 };
          throw error;
        });
      const { rows } = await asOne(`SELECT DISTINCT ${column} AS owner FROM ${table}`);
      const updated = await asOne(`UPDATE ${table} SET ${column} = ${column} WHERE ${column} = '${two}'`);
      const deleted = await asOne(`DELETE FROM ${table} WHERE ${column} = '${two}'`);
      const touched = [updated.rowCount, deleted.rowCount];
      expect({ table, rows, touched }).toEqual({ table, rows: [{ owner: one }], touched: [0, 0] });
    }
  });

  it("lets nobody change, delete, add or move rows in another tenant's name", async () => {
    await withTenant(db, mine.tenantId, async (tx) => {
      expect((await tx.update(sites).set({ name: 'taken' }).where(sql`true`).returning()).length).toBe(1);
      expect((await tx.delete(messages).where(sql`tenant_id = ${other.tenantId}`).returning()).length).toBe(0);
    });
    const key = `stolen-${uuidV7()}`;
    const foreign = { tenantId: other.tenantId, id: uuidV7(), key, name: 'x', allowedOrigins: [] };
    const refused = { sqlState: '42501' };
    await expect(withTenant(db, mine.tenantId, (tx) => tx.insert(sites).values(foreign))).rejects.toMatchObject(
      refused,
    );
    const move = withTenant(db, mine.tenantId, (tx) => tx.update(sites).set({ tenantId: other.tenantId }));
    await expect(move).rejects.toMatchObject(refused);
  });

  it("refuses a row that hangs on another tenant's row", async () => {
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    const turn = turnOf({ ...mine, siteId: other.siteId }, uuidV7(), {});
    await expect(recordTurn(turn)).rejects.toMatchObject({ code: 'internal', sqlState: '23503' });
  });

  it('lets nobody rewrite the audit log, not even the tenant whose it is', async () => {
    const tenantId = await insertRowOfEach(db);
    for (const statement of [
      "UPDATE audit_log SET action = 'nothing'",
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
      'DROP TABLE audit_log',
    ]) {
      const rewriting = withTenant(db, tenantId, (tx) => tx.$client.query(statement));
      await expect(rewriting).rejects.toMatchObject({ sqlState: PERMISSION_DENIED });
    }
    const { rows } = await withTenant(db, tenantId, (tx) => tx.$client.query('SELECT action FROM audit_log'));
    expect(rows).toEqual([{ action: 'x' }]);
  });

  it('binds the owner of the tables too, except for the look-ups', async () => {
    const owner = new Client({ connectionString: ownerUrl });
    await owner.connect();
    try {
      expect((await owner.query('SELECT FROM messages')).rowCount).toBe(0);
      expect((await owner.query('SELECT FROM conversations')).rowCount).toBe(0);
    } finally {
      await owner.end();
    }
  });
});

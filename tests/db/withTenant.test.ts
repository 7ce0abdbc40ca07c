import { sql } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { DatabaseError } from '../../db/databaseError.ts';
import { migrate } from '../../db/migrate.ts';
import { getSiteByKey } from '../../db/queries/getSiteByKey.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { watchWire } from './fixtures/watchWire.ts';

describe('withTenant', () => {
  let db: Db;
  let tenant: TestTenant;

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
    tenant = await createTenant(db);
  });

  afterAll(() => db.close());

  it.each(['', 'default', "'; DROP TABLE messages; --", `${uuidV7()}'`, `${uuidV7()}\n`])(
    'refuses %j as a tenant before it reaches the database',
    async (tenantId) => {
      let ran = false;
      const attempt = withTenant(db, tenantId, async () => {
        ran = true;
      });
      await expect(attempt).rejects.toThrow(TypeError);
      expect(ran).toBe(false);
    },
  );

  it('sends the first statement along with the beginning; the commit waits for the work', async () => {
    const alone = createDb(inject('servers').appUrl, { poolSize: 1 });
    try {
      await alone.pool.query('SELECT 1');
      const wire = await watchWire(alone, ['BEGIN', 'my work', 'COMMIT']);
      await withTenant(alone, tenant.tenantId, (tx) => tx.$client.query('SELECT 1 AS "my work"'));
      wire.end();
      expect(wire.seen.slice(0, 3)).toEqual(['BEGIN', 'my work', 'answer']);
      expect(wire.seen.indexOf('COMMIT')).toBeGreaterThan(wire.seen.indexOf('answer'));
    } finally {
      await alone.close();
    }
  });

  it('leaks no tenant to the next user of a connection, after success and after failure', async () => {
    const tenants = await Promise.all(Array.from({ length: 4 }, () => createTenant(db)));
    const uses = Array.from({ length: 200 }, async (_, use) => {
      const { tenantId } = tenants[use % tenants.length]!;
      if (use % 5 === 0) return (await db.pool.query('SELECT FROM sites')).rowCount;
      if (use % 7 === 0) await withTenant(db, tenantId, (tx) => tx.execute(sql`SELECT 1 / 0`)).catch(() => {});
      const rows = await withTenant(db, tenantId, (tx) => tx.select().from(sites));
      return rows.every((row) => row.tenantId === tenantId) ? rows.length : -1;
    });
    const counts = await Promise.all(uses);
    expect(counts).toEqual(counts.map((_, use) => (use % 5 === 0 ? 0 : 1)));
  });

  it('undoes everything when the work fails, and lets its own error through', async () => {
    const reason = new Error('changed my mind');
    const attempt = withTenant(db, tenant.tenantId, async (tx) => {
      await tx.update(sites).set({ name: 'half done' });
      throw reason;
    });
    await expect(attempt).rejects.toBe(reason);
    expect(await withTenant(db, tenant.tenantId, (tx) => tx.select({ name: sites.name }).from(sites))).toEqual([
      { name: 'Test' },
    ]);
  });

  it('does not pretend to have committed when the work ignored a failed statement', async () => {
    const attempt = withTenant(db, tenant.tenantId, async (tx) => {
      await tx.update(sites).set({ name: 'half done' });
      await tx.execute(sql`SELECT 1 / 0`).catch(() => {});
    });
    await expect(attempt).rejects.toMatchObject({ code: 'internal' });
  });

  it("names the reason of a refusal but quotes nothing of a row or of Postgres' words", async () => {
    const site = {
      tenantId: tenant.tenantId,
      id: uuidV7(),
      key: tenant.siteKey,
      name: 'secret name',
      allowedOrigins: [],
    };
    const error: unknown = await withTenant(db, tenant.tenantId, (tx) => tx.insert(sites).values(site)).catch((e) => e);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: 'internal', sqlState: '23505' });
    expect((error as Error).cause).toBeUndefined();
    expect((error as Error).message).toBe('The database refused a statement (23505, sites_key_key)');
  });

  it('lets one transaction at a time hold an id', async () => {
    const lock = uuidV7();
    let holders = 0;
    const holding = Array.from({ length: 6 }, () =>
      withTenant(
        db,
        tenant.tenantId,
        async (tx) => {
          holders += 1;
          await tx.execute(sql`SELECT pg_sleep(0.01)`);
          const seen = holders;
          holders -= 1;
          return seen;
        },
        { lock },
      ),
    );
    expect(await Promise.all(holding)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('says that the database is out of reach, with a time to come back, and starts without it', async () => {
    const nowhere = createDb('postgres://parley_app:secret@127.0.0.1:1/parley', { poolSize: 1 });
    const expected = { code: 'database_unavailable', retryAfterSeconds: 2, message: 'The database is out of reach' };
    const inTenant = withTenant(nowhere, tenant.tenantId, (tx) => tx.select().from(sites));
    await expect(inTenant).rejects.toMatchObject(expected);
    await expect(getSiteByKey(nowhere, 'demo', 'development')).rejects.toMatchObject(expected);
    await nowhere.close();
  });

  it('does not wait for ever when every connection is in use', async () => {
    const small = createDb(inject('servers').appUrl, { poolSize: 1 });
    const [, second] = await Promise.allSettled([
      withTenant(small, tenant.tenantId, (tx) => tx.execute(sql`SELECT pg_sleep(2.5)`)),
      withTenant(small, tenant.tenantId, (tx) => tx.select().from(sites)),
    ]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'database_unavailable' } });
    await small.close();
  });

  it('gives up a statement that takes too long', async () => {
    const attempt = withTenant(db, tenant.tenantId, (tx) => tx.execute(sql`SELECT pg_sleep(30)`));
    await expect(attempt).rejects.toMatchObject({ code: 'database_unavailable', sqlState: '57014' });
  });
});

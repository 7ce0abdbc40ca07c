import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { queryAsTenant } from '../../db/withTenant.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { watchWire } from './fixtures/watchWire.ts';

const NAMES = { text: 'SELECT name FROM sites' };
const RENAME = 'UPDATE sites SET name = $1';

describe('queryAsTenant', () => {
  let db: Db;
  let tenant: TestTenant;

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    // One connection: whatever a statement leaves on it is met by the next.
    db = createDb(appUrl, { poolSize: 1 });
    tenant = await createTenant(db);
  });

  afterAll(() => db.close());

  it("sees and writes its tenant's rows, and leaves the connection without a tenant", async () => {
    const other = await createTenant(db);
    await queryAsTenant(db, tenant.tenantId, { text: RENAME, values: ['Renamed'] });
    expect(await queryAsTenant(db, tenant.tenantId, NAMES)).toEqual([{ name: 'Renamed' }]);
    expect(await queryAsTenant(db, other.tenantId, NAMES)).toEqual([{ name: 'Test' }]);
    expect((await db.pool.query(NAMES)).rowCount).toBe(0);
  });

  it('sends all of it before the first answer', async () => {
    const wire = await watchWire(db, ['COMMIT']);
    try {
      await queryAsTenant(db, tenant.tenantId, NAMES);
    } finally {
      wire.end();
    }
    expect(wire.seen.slice(0, 2)).toEqual(['COMMIT', 'answer']);
  });

  it('says what was refused, commits nothing of it, and leaves the connection in order', async () => {
    const attempt = queryAsTenant(db, tenant.tenantId, {
      text: 'UPDATE sites SET name = $1, id = (1 / ($2::int))::text::uuid',
      values: ['half done', 0],
    });
    await expect(attempt).rejects.toMatchObject({ code: 'internal', sqlState: '22012' });
    expect(await queryAsTenant(db, tenant.tenantId, NAMES)).not.toContainEqual({ name: 'half done' });
    expect((await db.pool.query(NAMES)).rowCount).toBe(0);
  });

  it('runs nothing when its transaction did not begin', async () => {
    const lock = uuidV7();
    const holder = createDb(inject('servers').appUrl, { poolSize: 1 });
    const held = await holder.pool.connect();
    try {
      await held.query(`SELECT pg_advisory_lock(hashtextextended('${lock}', 0))`);
      await db.pool.query("SET lock_timeout = '50ms'");
      const attempt = queryAsTenant(db, tenant.tenantId, { text: RENAME, values: ['without the lock'] }, { lock });
      await expect(attempt).rejects.toMatchObject({ code: 'database_unavailable', sqlState: '55P03' });
      expect(await queryAsTenant(db, tenant.tenantId, NAMES)).not.toContainEqual({ name: 'without the lock' });
    } finally {
      await db.pool.query('RESET lock_timeout');
      held.release();
      await holder.close();
    }
  });

  it('refuses what is no id before it reaches the database', async () => {
    await expect(queryAsTenant(db, "'; DROP TABLE messages; --", NAMES)).rejects.toThrow(TypeError);
  });
});

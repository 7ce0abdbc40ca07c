import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { getTenantStatus } from './fixtures/getTenantStatus.ts';

describe('migrate', () => {
  const database = `migrate_${process.pid}`;
  const { ownerUrl, appUrl } = inject('servers');

  function urlOf(url: string): string {
    const own = new URL(url);
    own.pathname = `/${database}`;
    return own.toString();
  }

  async function asOwner(statement: string): Promise<void> {
    const client = new Client({ connectionString: ownerUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  beforeAll(() => asOwner(`CREATE DATABASE ${database}`));
  afterAll(() => asOwner(`DROP DATABASE ${database} WITH (FORCE)`));

  it('brings an empty database to the schema although two processes do it at once, and does nothing again', async () => {
    await Promise.all([migrate(urlOf(ownerUrl)), migrate(urlOf(ownerUrl))]);
    await migrate(urlOf(ownerUrl));

    const db = createDb(urlOf(appUrl), { poolSize: 1 });
    expect(await getTenantStatus(db, DEFAULT_TENANT_ID)).toBe('active');
    await db.close();
  });
});

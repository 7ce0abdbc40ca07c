import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../dev/servers/startPostgres.ts';

describe('startPostgres', () => {
  let folder: string;
  let server: PostgresServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
    server = await startPostgres({ dataDir: join(folder, 'data') });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('gives an owner and an application role that row level security binds', async () => {
    const role = 'SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user';
    for (const url of [server.ownerUrl, server.appUrl]) {
      expect(await query(url, role)).toEqual([{ rolsuper: false, rolbypassrls: false }]);
    }
    await expect(query(server.appUrl, 'CREATE TABLE app_made (id int)')).rejects.toThrow('permission denied');
  });

  it('has the extensions that full text search needs', async () => {
    await query(server.ownerUrl, 'CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE EXTENSION pgcrypto');
    expect(await query(server.ownerUrl, "SELECT similarity('refund', 'refunds') > 0.5 AS near")).toEqual([
      { near: true },
    ]);
  });

  it('keeps what was committed through kill -9 and a start on the same port', async () => {
    await query(server.ownerUrl, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    for (const id of [2, 3, 4]) {
      const idle = new Client({ connectionString: server.ownerUrl });
      idle.on('error', () => {});
      await idle.connect();
      await server.kill();
      server = await startPostgres({ dataDir: join(folder, 'data'), port: server.port });
      await query(server.ownerUrl, `INSERT INTO kept VALUES (${id})`);
    }
    expect(await query(server.ownerUrl, 'SELECT count(*)::int FROM kept')).toEqual([{ count: 4 }]);
  });

  it('refuses a taken port with one clear line', async () => {
    const second = startPostgres({ dataDir: join(folder, 'second'), port: server.port });
    await expect(second).rejects.toThrow(`Postgres: port ${server.port} is taken`);
  });

  it('stops within ten seconds although a client is connected', async () => {
    const idle = new Client({ connectionString: server.ownerUrl });
    idle.on('error', () => {});
    await idle.connect();
    const before = Date.now();
    await server.stop();
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { ping } from '../../db/ping.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { type PostgresServer, startPostgres } from '../../dev/servers/startPostgres.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

describe('kill -9 of Postgres', () => {
  let folder: string;
  let server: PostgresServer;
  let db: Db;
  let tenant: TestTenant;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
    server = await startPostgres({ dataDir: join(folder, 'data') });
    await migrate(server.ownerUrl);
    db = createDb(server.appUrl, { poolSize: 4 });
    tenant = await createTenant(db);
  });

  afterAll(async () => {
    await db.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('loses nothing that was recorded, and the same pool goes on when Postgres is back', async () => {
    const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
    const conversationId = uuidV7();
    const messages = Array.from({ length: 60 }, (_, index) => visitorSays(`message ${index}`));
    const failures = new Set<unknown>();
    const deadline = Date.now() + 20_000;

    async function recordUntilDone(index: number): Promise<void> {
      const turn = turnOf(tenant, conversationId, { conversation: { turn: index + 1 }, messages: [messages[index]!] });
      for (;;) {
        try {
          await recordTurn(turn);
          return;
        } catch (error) {
          failures.add((error as { code?: unknown }).code);
          if (Date.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }

    async function recordAll(): Promise<void> {
      for (let index = 0; index < messages.length; index += 1) {
        if (index === 20 || index === 40) {
          // What the last crash started again is what dies next.
          await Promise.all(crashes);
          crashes.push(crash());
        }
        await recordUntilDone(index);
      }
    }

    async function crash(): Promise<void> {
      await server.kill();
      expect(await ping(db)).toBe(false);
      server = await startPostgres({ dataDir: join(folder, 'data'), port: server.port });
    }

    const crashes: Promise<void>[] = [];
    await recordAll();
    await Promise.all(crashes);

    const page = await listMessages(
      { db, words: wordsOf(db) },
      { tenantId: tenant.tenantId, conversationId },
      { since: 0, limit: 100 },
    );
    expect(page.messages.map(({ seq, text }) => `${seq} ${text}`)).toEqual(
      messages.map(({ text }, i) => `${i + 1} ${text}`),
    );
    expect([...failures]).toEqual(['database_unavailable']);
    expect(await ping(db)).toBe(true);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { type PostgresServer, startPostgres } from '../../dev/servers/startPostgres.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack, type Visit } from './fixtures/startTelegramStack.ts';

// Servers are killed here, so they are this file's own. Each test ends with all of them up again.
describe('what an agent writes during an outage of', () => {
  let folder: string;
  let postgres: PostgresServer;
  let telegram: TelegramStack;
  let tenant: DeskTenant;
  let groupId: number;
  let token: string;
  let visit: Visit;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-inbound-'));
    postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    await migrate(postgres.ownerUrl);
    telegram = await startTelegramStack({ servers: { databaseUrl: postgres.appUrl } });
    tenant = await telegram.tenant();
    ({ groupId, token } = await telegram.group());
    await tenant.call('channels/telegram', { body: { groupId: String(groupId), botTokens: [token] } });
    visit = await telegram.visit(tenant, groupId, 'Hello');
  });
  afterAll(async () => {
    await telegram.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function refusal(): Promise<string | undefined> {
    const answer = await fetch(`${telegram.emulator.url}/bot${token}/getWebhookInfo`);
    return ((await answer.json()) as { result: { last_error_message?: string } }).result.last_error_message;
  }

  it.each(['Postgres', 'Temporal'])('%s comes again and again, and arrives once, in order', async (what) => {
    const texts = ['one', 'two', 'three'].map((word) => `${what}: ${word}`);
    if (what === 'Postgres') await postgres.stop();
    else await telegram.stack.temporal.stop();
    for (const text of texts) await telegram.emulator.postMessage({ groupId, threadId: visit.threadId, text });
    await expect.poll(refusal, { timeout: 15_000 }).toContain('503');
    expect(visit.heard()).not.toContain(texts[0]);

    if (what === 'Postgres') {
      postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port: postgres.port });
    } else {
      const { temporal, temporalFiles } = telegram.stack;
      telegram.stack.temporal = await startTemporal({ ...temporalFiles, port: Number(temporal.address.split(':')[1]) });
    }
    const heard = () => visit.heard().filter((text) => text.startsWith(what));
    await expect.poll(heard, { timeout: 40_000 }).toEqual(texts);
  });
});

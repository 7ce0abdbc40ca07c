import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { migrate } from '../../db/migrate.ts';
import { type PostgresServer, startPostgres } from '../../dev/servers/startPostgres.ts';
import { type RedisServer, startRedis } from '../../dev/servers/startRedis.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, request, VisitorClient } from './support/visitor.ts';

// Servers are killed here, so they are this file's own. Each test ends with all of them up again.
describe('an outage of', () => {
  let folder: string;
  let postgres: PostgresServer;
  let redis: RedisServer;
  let stack: Stack;
  let api: RunningApi;
  let otherApi: RunningApi;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-outages-'));
    postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    await migrate(postgres.ownerUrl);
    redis = await startOwnRedis();
    stack = await startStack({ databaseUrl: postgres.appUrl, redisUrl: redis.url });
    [api, otherApi] = await Promise.all([stack.startApi(), stack.startApi()]);
    await stack.startWorker();
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function startOwnRedis(port?: number): Promise<RedisServer> {
    const server = await startRedis({ dir: join(folder, 'redis'), port });
    if (!server) throw new Error('redis-server is not installed');
    return server;
  }
  const restartPostgres = async () => {
    postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port: postgres.port });
  };
  const saidIn = (visitor: VisitorClient) =>
    visitor
      .messages()
      .filter(({ direction }) => direction === 'INBOUND')
      .map(({ text }) => text);
  /** No hole, no repeat, in order. */
  function expectEachOnce(visitor: VisitorClient, first = 1): void {
    const seqs = visitor.messages().map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => first + index));
  }
  const readiness = async () => (await request(`${api.url}/ready`)).body;

  it('nothing: two instances show one conversation to both of its sockets', async () => {
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const [here, there] = await Promise.all([
      VisitorClient.join(api.url, token),
      VisitorClient.join(otherApi.url, await freshToken(otherApi.url, stack.site, conversationId)),
    ]);
    here.say('From here');
    await there.message('From here');
    there.say('And from there');
    await here.message('And from there');
    here.leave();
    there.leave();
  });

  it('Redis: frames come from Postgres, and live again when it is back; nothing is missing or doubled', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Before');
    await visitor.message('Hello!');
    await redis.kill();
    await visitor.ack(visitor.say('While Redis is away'));
    await visitor.message('While Redis is away');
    expect(await readiness()).toMatchObject({ status: 'ready', checks: { redis: 'down' } });
    redis = await startOwnRedis(redis.port);
    await expect.poll(async () => (await readiness())['checks']).toMatchObject({ redis: 'up' });
    visitor.say('After');
    await visitor.message('After');
    expect(saidIn(visitor)).toEqual(['Before', 'While Redis is away', 'After']);
    expectEachOnce(visitor);
    visitor.leave();
  });

  it('Postgres: messages are accepted and acknowledged, and recorded when it is back', async () => {
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Before');
    await visitor.message('Hello!');
    await postgres.kill();
    await visitor.ack(visitor.say('While Postgres is away'));
    const newcomer = await request(`${api.url}/v1/webchat/config?siteKey=a-site-nobody-asked-for`);
    expect(newcomer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    expect(newcomer.headers.get('retry-after')).toBe('2');
    // Whom this instance knows may connect, and write: the rest of the transcript follows.
    const renewed = await freshToken(api.url, stack.site, conversationId);
    const back = await VisitorClient.join(api.url, renewed, { since: 2 });
    await back.ack(back.say('And from another tab'));
    expect(await readiness()).toMatchObject({ status: 'unready', checks: { database: 'down', engine: 'up' } });
    await restartPostgres();
    await visitor.message('While Postgres is away');
    await back.message('And from another tab');
    await visitor.message('And from another tab');
    expect(saidIn(visitor)).toEqual(['Before', 'While Postgres is away', 'And from another tab']);
    expect(saidIn(back)).toEqual(['While Postgres is away', 'And from another tab']);
    expectEachOnce(visitor);
    expectEachOnce(back, 3);
    visitor.leave();
    back.leave();
  });

  it('Temporal: the message is refused with engine_unavailable within 3 s, and taken in order when it is back', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Before');
    await visitor.message('Hello!');
    const { port } = stack.temporal;
    await stack.temporal.kill();
    const began = Date.now();
    const id = visitor.say('While Temporal is away');
    const nextId = visitor.say('And another line');
    const refused = await visitor.error('engine_unavailable');
    expect(Date.now() - began).toBeLessThan(3_000);
    expect(refused).toMatchObject({ clientMessageId: id, retryAfter: 2 });
    await visitor.next('error', (frame) => frame.clientMessageId === nextId);
    const byHttp = await request(`${api.url}/v1/webchat/message`, { token, body: { clientMessageId: id, text: 'x' } });
    expect(byHttp).toMatchObject({ status: 503, body: { code: 'engine_unavailable', retryAfter: 2 } });
    expect(byHttp.headers.get('retry-after')).toBe('2');
    expect(await readiness()).toMatchObject({ status: 'unready', checks: { engine: 'down', database: 'up' } });

    stack.temporal = await startTemporal({ ...stack.temporalFiles, port });
    await expect.poll(readiness, { timeout: 10_000 }).toMatchObject({ status: 'ready' });
    // The later one first, as a client might: it has to wait for the earlier one.
    visitor.frames.length = 0;
    visitor.say('And another line', nextId);
    await visitor.next('error', (frame) => frame.clientMessageId === nextId);
    visitor.say('While Temporal is away', id);
    visitor.say('And another line', nextId);
    await visitor.message('While Temporal is away');
    await visitor.message('And another line');
    expect(saidIn(visitor)).toEqual(['While Temporal is away', 'And another line']);
    visitor.leave();
  }, 60_000);

  it('the hub, from the start or without a trace: Postgres brings what it does not', async () => {
    const [without, deaf] = await Promise.all([
      stack.startApi({ REDIS_URL: undefined }),
      // Connected, and nothing ever comes.
      stack.startApi({ REDIS_PREFIX: 'another-installation' }),
    ]);
    for (const { url } of [without, deaf]) {
      const { token } = await openConversation(url, stack.site);
      const visitor = await VisitorClient.join(url, token);
      await visitor.ack(visitor.say('Can you hear me?'));
      await visitor.message('Can you hear me?');
      await visitor.message('Hello!');
      visitor.leave();
    }
  });
});

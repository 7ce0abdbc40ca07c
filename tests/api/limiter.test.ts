import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../api/limits/createLimits.ts';
import { CodedError } from '../../contracts/errors.ts';
import { type RedisServer, startRedis } from '../../dev/servers/startRedis.ts';
import { openRedis } from '../../runtime/openRedis.ts';
import { testLimits } from '../support/testLimits.ts';

const INSTANCES = 2;

// Redis is killed and stopped here, so it is this file's own. Each test ends with it up again.
describe('limits over two instances', () => {
  let folder: string;
  let redis: RedisServer;
  let clients: Redis[];
  let instances: [Limits, Limits];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-limits-'));
    redis = await startOwnRedis();
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    const prefix = `test-${uuidv7()}`;
    const open = () => {
      const client = openRedis({ REDIS_URL: redis.url, REDIS_DB: 0 });
      if (!client) throw new Error('there is no Redis');
      return client;
    };
    clients = [open(), open()];
    const [one, other] = clients.map((client) => testLimits({ redis: client, prefix, instances: INSTANCES }));
    if (!one || !other) throw new Error('there are no instances');
    instances = [one, other];
    await untilConnected();
  });
  afterEach(() => {
    for (const client of clients) client.disconnect();
  });

  async function startOwnRedis(port?: number): Promise<RedisServer> {
    const server = await startRedis({ dir: join(folder, 'redis'), port });
    if (!server) throw new Error('redis-server is not installed');
    return server;
  }
  async function untilConnected(): Promise<void> {
    const pings = () => Promise.all(clients.map((client) => client.ping().catch(() => 'away')));
    await expect.poll(pings).toEqual(['PONG', 'PONG']);
  }
  const passes = (limits: Limits, key = 'subject') => letsThrough(() => limits.consume('ip.start', key));
  async function letsThrough(run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      if (!(error instanceof CodedError) || !error.retryAfterSeconds) throw error;
      return false;
    }
  }
  async function passedOf(count: number, key?: string): Promise<number> {
    const [one, other] = instances;
    const turns = Array.from({ length: count }, (_, turn) => passes(turn % 2 ? one : other, key));
    return (await Promise.all(turns)).filter(Boolean).length;
  }

  it('count together, exactly, however many come at once', async () => {
    expect(await passedOf(60)).toBe(10);
  });

  it('count once what has a name, and give each copy of it the same answer', async () => {
    const rename = (limits: Limits, title: string) =>
      letsThrough(() => limits.consumeOnce('conversation.rename', 'one', title));
    const titles = ['A', 'B', 'C', 'D', 'E'];
    const copies = await Promise.all(
      titles.map((title) => Promise.all([...instances, ...instances].map((limits) => rename(limits, title)))),
    );
    expect(copies.map((answers) => new Set(answers).size)).toEqual([1, 1, 1, 1, 1]);
    const taken = titles.filter((_title, index) => copies[index]?.[0]);
    expect(taken).toHaveLength(3);
    await instances[0].giveBack('conversation.rename', 'one', taken[0] ?? '');
    expect(await rename(instances[1], 'F')).toBe(true);
    expect(await rename(instances[0], 'G')).toBe(false);
  });

  it('keep out together whom one of them struck', async () => {
    const [one, other] = instances;
    for (let turn = 0; turn < 20; turn += 1) await passes(one);
    await expect(other.consume('ip.start', 'subject')).rejects.toSatisfy(
      (error) => error instanceof CodedError && (error.retryAfterSeconds ?? 0) > 60,
    );
  });

  it('know of each other’s messages a moment later', async () => {
    const [one, other] = instances;
    for (let count = 0; count < 28; count += 1) one.spend('conversation.message', 'subject');
    let said = 0;
    const say = () => {
      try {
        other.spend('conversation.message', 'subject');
        said += 1;
      } catch (error) {
        return (error as CodedError).code;
      }
      return undefined;
    };
    await expect.poll(say, { interval: 150 }).toBe('rate_limited');
    // Its own two, and what it let through before it had heard of the other's.
    expect(said).toBeGreaterThanOrEqual(2);
    expect(said).toBeLessThanOrEqual(4);
  });

  it.each([
    ['killed', async () => redis.kill(), async () => void (redis = await startOwnRedis(redis.port))],
    ['hung', async () => void kill(redis.pid, 'SIGSTOP'), async () => void kill(redis.pid, 'SIGCONT')],
  ])('are neither gone nor shut while Redis is %s, and count together again after it', async (_name, away, back) => {
    expect(await passedOf(6)).toBe(6);
    await away();
    // Whoever comes first may wait for the answer that does not come; the others know.
    await passedOf(2, 'first');
    const began = Date.now();
    expect(await passedOf(60, 'meanwhile')).toBe(10);
    expect(Date.now() - began).toBeLessThan(1_000);
    await back();
    await untilConnected();
    await expect
      .poll(async () => {
        const key = uuidv7();
        return (await passedOf(2, key)) === 2 && clients[0]?.exists(...(await clients[0].keys(`*${key}`)));
      })
      .toBe(1);
    expect(await passedOf(60, 'after')).toBe(10);
  });
});

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, inject, it } from 'vitest';
import { openRedis, whenReady } from '../../runtime/openRedis.ts';

/** Longer than an answer is waited for. */
const STALL_MS = 400;

function standStill(): void {
  const end = performance.now() + STALL_MS;
  while (performance.now() < end);
}

it('takes a stall of its own for none of Redis', async () => {
  const redis = openRedis({ REDIS_URL: inject('servers').redisUrl, REDIS_DB: 3 });
  if (!redis) throw new Error('There is a REDIS_URL');
  await whenReady(redis, 5_000);
  const answers = Array.from({ length: 20 }, () => redis.get('nothing'));
  standStill();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([null]));
  redis.disconnect();
});

it('waits for nobody who does not answer', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const redis = openRedis({ REDIS_URL: `redis://127.0.0.1:${port}`, REDIS_DB: 3 });
  if (!redis) throw new Error('There is a REDIS_URL');
  const began = performance.now();
  await whenReady(redis, 100);
  await expect(redis.get('nothing')).rejects.toThrow(/did not answer|isn't writeable/);
  expect(performance.now() - began).toBeLessThan(1_000);
  redis.disconnect();
  server.close();
});

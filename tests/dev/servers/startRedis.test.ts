import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../../../dev/servers/startRedis.ts';

it('startRedis: serves, and starts again empty on the same port after kill -9', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const first = await startRedis({ dir });
  if (!first) throw new Error('redis-server is not installed');
  const client = new Redis(first.url);
  await client.set('key', 'value');
  expect(await client.get('key')).toBe('value');
  client.disconnect();
  await first.kill();

  const second = await startRedis({ dir, port: first.port });
  onTestFinished(async () => {
    await second?.stop();
    await rm(dir, { recursive: true });
  });
  const again = new Redis(second?.url ?? '');
  expect(await again.get('key')).toBeNull();
  again.disconnect();
});

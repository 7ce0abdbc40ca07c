import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Hub } from '../../../channels/web/hub.ts';
import { createMemoryHub } from '../../../channels/web/memoryHub.ts';
import { createRedisHub } from '../../../channels/web/redisHub.ts';
import type { ServerFrame } from '../../../contracts/frames.ts';
import type { Revocation } from '../../../contracts/revocation.ts';
import { type RedisServer, startRedis } from '../../../dev/servers/startRedis.ts';

const note = (text: string): ServerFrame => ({ type: 'info_note', text });
const newRef = () => ({ tenantId: randomUUID(), conversationId: randomUUID() });

/** Listens, and remembers the texts that came. */
async function listen(hub: Hub, ref: ReturnType<typeof newRef>) {
  const texts: string[] = [];
  const stop = await hub.subscribe(ref, (frames) => {
    for (const frame of frames) if (frame.type === 'info_note') texts.push(frame.text);
  });
  return { texts, stop };
}

describe.each([
  ['in memory', () => createMemoryHub()],
  ['over Redis', () => createRedisHub({ url: inject('servers').redisUrl, prefix: `hub-${randomUUID()}` })],
])('a hub %s', (_name, createHub) => {
  let hub: Hub;
  beforeAll(async () => {
    hub = createHub();
    await vi.waitUntil(() => hub.connected);
  });
  afterAll(() => hub.close());

  it('brings frames to every listener of the conversation, in order, and to nobody else', async () => {
    const [ref, otherRef] = [newRef(), newRef()];
    const [one, two, other] = [await listen(hub, ref), await listen(hub, ref), await listen(hub, otherRef)];
    await hub.publish(ref, [note('a'), note('b')]);
    await hub.publish(ref, [note('c')]);
    await hub.publish(otherRef, [note('d')]);
    await expect.poll(() => other.texts).toEqual(['d']);
    expect(one.texts).toEqual(['a', 'b', 'c']);
    expect(two.texts).toEqual(['a', 'b', 'c']);
  });

  it('tells everyone whose access may have ended, until they listen no more', async () => {
    const [heard, gone]: [Revocation[], Revocation[]] = [[], []];
    await hub.onRevocation((revocation) => heard.push(revocation));
    const stop = await hub.onRevocation((revocation) => gone.push(revocation));
    const ref = newRef();
    await hub.announceRevocation(ref);
    await expect.poll(() => gone).toEqual([ref]);
    await stop();
    await hub.announceRevocation({ tenantId: ref.tenantId });
    await expect.poll(() => heard).toEqual([ref, { tenantId: ref.tenantId }]);
    expect(gone).toEqual([ref]);
  });

  it('ends one subscription without the others, and can begin anew', async () => {
    const ref = newRef();
    const [gone, stays] = [await listen(hub, ref), await listen(hub, ref)];
    await gone.stop();
    await hub.publish(ref, [note('a')]);
    await expect.poll(() => stays.texts).toEqual(['a']);
    expect(gone.texts).toEqual([]);
    await stays.stop();
    const again = await listen(hub, ref);
    await hub.publish(ref, [note('b')]);
    await expect.poll(() => again.texts).toEqual(['b']);
    expect(stays.texts).toEqual(['a']);
  });
});

describe('a hub whose Redis is killed', () => {
  let folder: string;
  let redis: RedisServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-hub-'));
    redis = await start();
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(port?: number): Promise<RedisServer> {
    const server = await startRedis({ dir: folder, port });
    if (!server) throw new Error('redis-server is not installed');
    return server;
  }

  it('never waits, says that there was a gap, and carries frames again at once', async () => {
    const hub = createRedisHub({ url: redis.url, prefix: 'test' });
    await expect.poll(() => hub.connected).toBe(true);
    const ref = newRef();
    const before = await listen(hub, ref);
    const onGap = vi.fn<() => void>();
    hub.onGap(onGap);
    await redis.kill();
    await expect.poll(() => hub.connected).toBe(false);
    await hub.publish(ref, [note('while it was away')]);
    const during = await listen(hub, newRef());
    expect(onGap).not.toHaveBeenCalled();
    redis = await start(redis.port);
    const backAt = Date.now();
    await expect.poll(() => hub.connected, { interval: 10 }).toBe(true);
    expect(Date.now() - backAt).toBeLessThan(1_000);
    expect(onGap).toHaveBeenCalledTimes(1);
    await hub.publish(ref, [note('after')]);
    await expect.poll(() => before.texts.at(-1)).toBe('after');
    expect(during.texts).toEqual([]);
    await hub.close();
  });

  it('does not wait for a Redis that hangs either, and says goodbye to it in time', async () => {
    const open = () => createRedisHub({ url: redis.url, prefix: 'test' });
    const [hub, leaving] = [open(), open()];
    await expect.poll(() => hub.connected && leaving.connected).toBe(true);
    const onGap = vi.fn<() => void>();
    hub.onGap(onGap);
    process.kill(redis.pid, 'SIGSTOP');
    try {
      const began = Date.now();
      const [{ texts }] = await Promise.all([listen(hub, newRef()), leaving.close()]);
      expect(Date.now() - began).toBeLessThan(4_000);
      expect(hub.connected).toBe(false);
      expect(texts).toEqual([]);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    await expect.poll(() => onGap.mock.calls.length, { timeout: 5_000 }).toBe(1);
    const ref = newRef();
    const { texts } = await listen(hub, ref);
    await hub.publish(ref, [note('after')]);
    await expect.poll(() => texts).toEqual(['after']);
    await hub.close();
  });
});

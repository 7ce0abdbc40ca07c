import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMemorySlots } from '../../channels/telegram/slots/createMemorySlots.ts';
import { createRedisSlots } from '../../channels/telegram/slots/createRedisSlots.ts';
import type { Slot, SlotLimits } from '../../channels/telegram/slots/slots.ts';
import { mostInAnyWindow } from './fixtures/mostInAnyWindow.ts';

const LIMITS: SlotLimits = {
  group: [
    { count: 20, windowMs: 61_000 },
    { count: 3, windowMs: 3_000 },
  ],
  botPerSecond: 30,
  lateMs: 1_000,
};

describe('slots in Redis', () => {
  let clients: Redis[];
  let run = 0;

  beforeAll(async () => {
    clients = Array.from({ length: 3 }, () => new Redis(inject('servers').redisUrl, { db: 3 }));
    await Promise.all(clients.map((client) => client.ping()));
  });
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });

  /** Several processes over the same keys, of this test alone. */
  const processes = (limits = LIMITS) => {
    run += 1;
    const prefix = `scv2-test-${process.pid}-${run}`;
    const slots = clients.map((redis) => createRedisSlots({ redis, prefix, limits }));
    return { prefix, slots: (index: number) => slots[index % slots.length] ?? fail() };
  };
  const client = () => clients[0] ?? fail();
  const [BOT, GROUP] = ['4711', '-100'];

  it('keeps every window of a group whatever the number of processes that reserve at once', async () => {
    const { slots } = processes();
    const reserved = await Promise.all(
      Array.from({ length: 90 }, (_, index) => slots(index).reserve({ botIds: [BOT], chatId: GROUP })),
    );
    const times = reserved.map((slot) => slot.at);
    expect(mostInAnyWindow(times, 60_000)).toBe(20);
    expect(mostInAnyWindow(times, 3_000)).toBe(3);
    const span = Math.max(...times) - Math.min(...times);
    expect(span).toBeLessThan((90 / 20) * 61_000);
  });

  it("keeps a bot's seconds over many groups", async () => {
    const { slots } = processes();
    const reserved = await Promise.all(
      Array.from({ length: 120 }, (_, index) => slots(index).reserve({ botIds: [BOT], chatId: `-${index}` })),
    );
    const times = reserved.map((slot) => slot.at);
    expect(mostInAnyWindow(times, 1_000)).toBeLessThanOrEqual(30);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(8_000);
  });

  it('takes the bot that is free first', async () => {
    const { slots } = processes();
    const request = { botIds: ['1', '2', '3'], chatId: GROUP };
    const reserved: Slot[] = [];
    for (let index = 0; index < 60; index += 1) reserved.push(await slots(0).reserve(request));
    const perBot = request.botIds.map((id) => reserved.filter(({ botId }) => botId === id).length);
    expect(perBot).toEqual([20, 20, 20]);
  });

  it('pauses one bot in one group alone, voids what was reserved ahead, and honours a longer pause', async () => {
    const { slots } = processes();
    const [first, second] = [slots(0), slots(1)];
    for (let index = 0; index < 5; index += 1) await first.reserve({ botIds: [BOT], chatId: GROUP });
    const held = await first.reserve({ botIds: [BOT], chatId: GROUP });
    await second.pause(BOT, GROUP, 30_000);
    await first.pause(BOT, GROUP, 5_000);

    const next = await first.reserve({ botIds: [BOT], chatId: GROUP, held });
    expect(next.waitMs).toBeGreaterThan(29_000);
    expect(next.waitMs).toBeLessThanOrEqual(30_000);
    expect((await first.reserve({ botIds: [BOT], chatId: '-200' })).waitMs).toBe(0);
    expect((await first.reserve({ botIds: ['other', BOT], chatId: GROUP })).botId).toBe('other');
  });

  it.each(['Redis', 'memory'])(
    'after a pause gives nothing away that someone holds beyond it, and overruns no window (%s)',
    async (kind) => {
      const first = kind === 'Redis' ? processes().slots(0) : createMemorySlots(LIMITS);
      const request = { botIds: [BOT], chatId: GROUP };
      const held: Slot[] = [];
      for (let index = 0; index < 30; index += 1) held.push(await first.reserve(request));
      await first.pause(BOT, GROUP, 5_000);
      const afterwards: Slot[] = [];
      for (const slot of held.slice(3)) {
        afterwards.push(await first.reserve({ ...request, held: slot }), await first.reserve(request));
      }
      const times = afterwards.map(({ at }) => at);
      expect(mostInAnyWindow(times, 60_000)).toBe(20);
      expect(mostInAnyWindow(times, 3_000)).toBe(3);
      // What lay beyond the pause is kept.
      expect(afterwards.filter(({ at }) => held.some((slot) => slot.at === at)).length).toBeGreaterThan(20);
    },
  );

  it('keeps a held slot while it is fresh, and gives a new one when it is too late', async () => {
    const { slots } = processes();
    const first = slots(0);
    const slot = await first.reserve({ botIds: [BOT], chatId: GROUP });
    expect(await first.reserve({ botIds: [BOT], chatId: GROUP, held: slot })).toMatchObject({ at: slot.at });
    const stale = { botId: BOT, at: slot.at - 5_000 };
    expect((await first.reserve({ botIds: [BOT], chatId: GROUP, held: stale })).at).toBeGreaterThanOrEqual(slot.at);
  });

  it('leaves no key behind for ever', async () => {
    const { prefix, slots } = processes();
    await slots(0).reserve({ botIds: [BOT], chatId: GROUP });
    await slots(0).pause(BOT, GROUP, 1_000);
    const keys = await client().keys(`${prefix}:tg:*`);
    expect(keys.length).toBeGreaterThan(2);
    const lifetimes = await Promise.all(keys.map((key) => client().pttl(key)));
    expect(Math.min(...lifetimes)).toBeGreaterThan(0);
  });

  it('is cautious on its own while Redis is gone, and remembers a pause', async () => {
    const reasons: string[] = [];
    const redis = { status: 'reconnecting', eval: () => Promise.reject(new Error('not reached')) };
    const insurance = createMemorySlots({ group: [{ count: 1, windowMs: 2_000 }], botPerSecond: 5, lateMs: 1_000 });
    const slots = createRedisSlots({ redis, prefix: 'x', insurance, onInsurance: (reason) => reasons.push(reason) });
    expect((await slots.reserve({ botIds: [BOT], chatId: GROUP })).waitMs).toBe(0);
    expect((await slots.reserve({ botIds: [BOT], chatId: GROUP })).waitMs).toBeGreaterThan(1_900);
    await slots.pause(BOT, GROUP, 10_000);
    expect((await slots.reserve({ botIds: [BOT], chatId: GROUP })).waitMs).toBeGreaterThan(9_000);
    expect(reasons).toContain('redis is reconnecting');
  });
});

function fail(): never {
  throw new Error('unreachable');
}

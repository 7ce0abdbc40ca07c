import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createMemorySlots } from '../../channels/telegram/slots/createMemorySlots.ts';
import { createRedisSlots } from '../../channels/telegram/slots/createRedisSlots.ts';
import type { SlotAnswer, SlotLimits, SlotRequest } from '../../channels/telegram/slots/slots.ts';
import { OUTBOX_PRIORITY, type OutboxPriority } from '../../contracts/outboxPriority.ts';

/** Windows short enough to be waited for. */
const LIMITS: SlotLimits = {
  group: [
    { count: 6, windowMs: 700 },
    { count: 3, windowMs: 150 },
  ],
  botPerSecond: 30,
  lateMs: 300,
  looksRestMs: 0,
};
/** One after the other, so that their order shows. */
const ONE_BY_ONE: SlotLimits = { ...LIMITS, group: [{ count: 1, windowMs: 120 }] };
const [BOT, GROUP] = ['4711', '-100'];

function request(owner: string, more: Partial<SlotRequest> = {}): SlotRequest {
  const defaults = {
    botIds: [BOT],
    chatId: GROUP,
    priority: OUTBOX_PRIORITY.reply,
    scope: 'messages',
    wanted: 1,
  } as const;
  return { ...defaults, owner, since: Date.now(), ...more };
}

const waitOf = (answer: SlotAnswer) => (answer.kind === 'granted' ? 0 : answer.waitMs);

describe.each(['Redis', 'memory'] as const)('slots in %s', (kind) => {
  let clients: Redis[];
  let run = 0;

  beforeAll(async () => {
    clients = Array.from({ length: 3 }, () => new Redis(inject('servers').redisUrl, { db: 3 }));
    await Promise.all(clients.map((client) => client.ping()));
  });
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });

  /** Several processes over the same keys, of this test alone; in memory there is one. */
  const processes = (limits = LIMITS) => {
    run += 1;
    const prefix = `scv2-test-${process.pid}-${kind}-${run}`;
    const slots =
      kind === 'memory'
        ? [createMemorySlots(limits)]
        : clients.map((redis) => createRedisSlots({ redis, prefix, limits, onInsurance: fail }));
    return { prefix, slots: (index: number) => slots[index % slots.length] ?? fail() };
  };

  /** Comes back whenever it is told to; resolves to when, and to which bot. */
  async function untilGranted(slots: ReturnType<typeof processes>['slots'], index: number, asked: SlotRequest) {
    for (;;) {
      const answer = await slots(index).reserve(asked);
      if (answer.kind === 'granted') return { at: Date.now(), botId: answer.botId, owner: asked.owner };
      await new Promise((resolve) => setTimeout(resolve, answer.waitMs));
    }
  }

  it('keeps the windows of a group whatever the number of processes that ask at once, and wastes nothing', async () => {
    const { slots } = processes();
    const started = Date.now();
    const granted = await Promise.all(
      Array.from({ length: 24 }, (_, index) => untilGranted(slots, index, request(`c${index}`, { since: index }))),
    );
    const times = granted.map(({ at }) => at).sort((a, b) => a - b);
    // A grant is known a little after it was counted: no more than a window and one may show.
    for (const { count, windowMs } of LIMITS.group) {
      const spans = times.slice(count).map((at, index) => at - (times[index] ?? 0));
      expect(Math.min(...spans)).toBeGreaterThan(windowMs - 60);
    }
    expect((times.at(-1) ?? 0) - started).toBeLessThan(3 * 700 + 150 + 900);
  });

  it('lets the longest waiting of a priority go first, and keeps the place of who asks again', async () => {
    const { slots } = processes(ONE_BY_ONE);
    await slots(0).reserve(request('first'));
    const order: string[] = [];
    const owners = ['d', 'b', 'c', 'a'];
    await Promise.all(
      owners.map(async (owner, index) => {
        const asked = request(owner, { since: owner.charCodeAt(0) });
        for (let again = 0; again < 2; again += 1) await slots(index).reserve(asked);
        order.push((await untilGranted(slots, index, asked)).owner);
      }),
    );
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets hand-overs go before replies, those before cards, and those before reactions, whoever came first', async () => {
    const { slots } = processes(ONE_BY_ONE);
    await slots(0).reserve(request('first'));
    const order: OutboxPriority[] = [];
    const priorities = Object.values(OUTBOX_PRIORITY).reverse();
    for (const [index, priority] of priorities.entries()) {
      await slots(index).reserve(request(`p${priority}`, { priority, since: Date.now() - 100 + index }));
    }
    await Promise.all(
      priorities.map(async (priority, index) => {
        const since = Date.now() - 100 + index;
        await untilGranted(slots, index, request(`p${priority}`, { priority, since }));
        order.push(priority);
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('counts a reply that waited for most of a minute as urgent, and a card never', async () => {
    const { slots } = processes(ONE_BY_ONE);
    await slots(0).reserve(request('first'));
    const minutes = (count: number) => Date.now() - count * 60_000;
    const asked = [
      request('card', { priority: OUTBOX_PRIORITY.card, since: minutes(60) }),
      request('new topic', { priority: OUTBOX_PRIORITY.urgent, since: minutes(0.5) }),
      request('old reply', { since: minutes(1) }),
    ];
    for (const one of asked) await slots(0).reserve(one);
    const order: string[] = [];
    await Promise.all(asked.map(async (one, index) => order.push((await untilGranted(slots, index, one)).owner)));
    expect(order).toEqual(['old reply', 'new topic', 'card']);
  });

  it('lets cards and reactions rest, so that the next one makes them moot, and words not', async () => {
    const { slots } = processes({ ...LIMITS, looksRestMs: 10_000 });
    const card = await slots(0).reserve(request('card', { priority: OUTBOX_PRIORITY.card }));
    expect(card).toMatchObject({ kind: 'wait', resting: false });
    expect(waitOf(card)).toBeGreaterThan(9_000);
    const rested = request('reaction', { priority: OUTBOX_PRIORITY.reaction, since: Date.now() - 10_000 });
    expect(await slots(0).reserve(rested)).toMatchObject({ kind: 'granted' });
    expect(await slots(0).reserve(request('words', { priority: OUTBOX_PRIORITY.bot }))).toMatchObject({
      kind: 'granted',
    });
  });

  it('gives the place of who does not come to the next', async () => {
    const { slots } = processes();
    for (let index = 0; index < 6; index += 1) await untilGranted(slots, 0, request(`first ${index}`));
    await slots(0).reserve(request('dead', { since: 0 }));
    const waits = waitOf(await slots(0).reserve(request('alive', { since: 1 })));
    await new Promise((resolve) => setTimeout(resolve, waits + LIMITS.lateMs + 50));
    expect(await slots(0).reserve(request('alive', { since: 1 }))).toMatchObject({ kind: 'granted' });
  });

  it('gives several writes at once while nobody else waits', async () => {
    const { slots } = processes();
    expect(await slots(0).reserve(request('album', { wanted: 10 }))).toMatchObject({ kind: 'granted', writes: 3 });
    await slots(0).reserve(request('other', { since: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 160));
    await slots(0).reserve(request('other'));
    expect(await slots(0).reserve(request('album', { wanted: 1 }))).toMatchObject({ kind: 'granted', writes: 1 });
  });

  it("keeps a bot's seconds over many groups", async () => {
    const { slots } = processes();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => slots(index).reserve(request('one', { chatId: `-${index}` }))),
    );
    expect(answers.filter((answer) => answer.kind === 'granted')).toHaveLength(30);
    expect(Math.max(...answers.map(waitOf))).toBeLessThanOrEqual(1_000);
  });

  it('takes the bot that is free first: each has its own budget', async () => {
    const { slots } = processes();
    const botIds = ['1', '2', '3'];
    const granted = await Promise.all(
      Array.from({ length: 18 }, (_, index) =>
        untilGranted(slots, index, request(`c${index}`, { botIds, since: index })),
      ),
    );
    expect(botIds.map((id) => granted.filter(({ botId }) => botId === id).length)).toEqual([6, 6, 6]);
  });

  it('pauses one bot in one group alone, and honours a longer pause', async () => {
    const { slots } = processes();
    await slots(1).pause(BOT, GROUP, 30_000);
    await slots(0).pause(BOT, GROUP, 5_000);
    const answer = await slots(0).reserve(request('one'));
    expect(answer).toMatchObject({ kind: 'wait', resting: true });
    expect(waitOf(answer)).toBeGreaterThan(29_000);
    expect(await slots(0).reserve(request('one', { chatId: '-200' }))).toMatchObject({ kind: 'granted' });
    expect(await slots(0).reserve(request('one', { botIds: [BOT, 'other'] }))).toMatchObject({ botId: 'other' });
  });

  it('leaves out the bots that Telegram refuses, and says why when none is left, until they are forgiven', async () => {
    const { slots } = processes();
    const botIds = ['1', '2'];
    const refusal = { chatId: GROUP, ms: 60_000, reason: 'kicked', scope: 'messages' } as const;
    await slots(0).refuse({ ...refusal, botId: '1' });
    expect(await slots(1).reserve(request('one', { botIds }))).toMatchObject({ kind: 'granted', botId: '2' });
    await slots(0).refuse({ ...refusal, botId: '2', scope: 'topics', reason: 'rights_missing' });
    expect(await slots(1).reserve(request('one', { botIds }))).toMatchObject({ kind: 'granted', botId: '2' });
    const none = await slots(1).reserve(request('one', { botIds, scope: 'topics' }));
    expect(none).toMatchObject({ kind: 'refused', reason: 'kicked' });
    expect(waitOf(none)).toBeGreaterThan(59_000);
    await slots(0).forgive(botIds, GROUP);
    expect(await slots(1).reserve(request('one', { botIds, scope: 'topics' }))).toMatchObject({ kind: 'granted' });
  });

  it('keeps the budget of a group that gets another id', async () => {
    const { slots } = processes();
    for (let index = 0; index < 3; index += 1) await slots(0).reserve(request(`c${index}`));
    await slots(0).moveGroup([BOT], GROUP, '-200');
    expect(await slots(1).reserve(request('one', { chatId: '-200' }))).toMatchObject({ kind: 'wait' });
  });

  it.runIf(kind === 'Redis')('leaves no key behind for ever', async () => {
    const { prefix, slots } = processes();
    for (let index = 0; index < 4; index += 1) await slots(0).reserve(request(`c${index}`));
    await slots(0).pause(BOT, GROUP, 1_000);
    await slots(0).refuse({ botId: BOT, chatId: GROUP, scope: 'messages', reason: 'kicked', ms: 1_000 });
    const client = clients[0] ?? fail();
    const keys = await client.keys(`${prefix}:tg:*`);
    expect(keys.length).toBeGreaterThan(3);
    const lifetimes = await Promise.all(keys.map((key) => client.pttl(key)));
    expect(Math.min(...lifetimes)).toBeGreaterThan(0);
  });
});

it('is cautious on its own while Redis is gone, and remembers a pause', async () => {
  const reasons: string[] = [];
  const gone = () => Promise.reject(new Error('not reached'));
  const redis = { status: 'reconnecting', eval: gone, set: gone, del: gone };
  const insurance = createMemorySlots({
    group: [{ count: 1, windowMs: 2_000 }],
    botPerSecond: 5,
    lateMs: 1_000,
    looksRestMs: 0,
  });
  const slots = createRedisSlots({ redis, prefix: 'x', insurance, onInsurance: (reason) => reasons.push(reason) });
  expect(await slots.reserve(request('one'))).toMatchObject({ kind: 'granted' });
  expect(waitOf(await slots.reserve(request('one')))).toBeGreaterThan(1_900);
  await slots.pause(BOT, GROUP, 10_000);
  expect(waitOf(await slots.reserve(request('one')))).toBeGreaterThan(9_000);
  expect(reasons).toContain('redis is reconnecting');
});

function fail(): never {
  throw new Error('unreachable');
}

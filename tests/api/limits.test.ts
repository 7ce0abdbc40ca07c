import { once } from 'node:events';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FRAME_LIMITS, type LimitName, RATE_LIMITS, SLOT_LIMITS } from '../../api/limits/table.ts';
import type { RunningApi } from '../../api/startApi.ts';
import type { Env } from '../../config/env.ts';
import { PROVOCATIONS, PROVOKED_POINTS, type Told } from './support/provoke.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

const NAMES = [RATE_LIMITS, SLOT_LIMITS, FRAME_LIMITS].flatMap((limits) => Object.keys(limits)) as LimitName[];
/** Signs of a flood or of a program: nobody is refused for them alone, work is asked for. */
const SIGNS: LimitName[] = ['ip.quickStart', 'site.start'];

describe('the limits', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
    await stack.startWorker();
  });
  afterAll(() => stack.stop());

  /** An instance of its own, whose limits nobody has come near. */
  const startApi = (points: Record<string, number>, env: Partial<Env> = {}): Promise<RunningApi> =>
    stack.startApi({ REDIS_PREFIX: `test-${uuidv7()}`, LIMITS: { ...stack.env.LIMITS, ...points }, ...env });
  const refusalsOf = async (url: string, name: string) => {
    const { body } = await request(`${url}/metrics`);
    const line = String(body['text'])
      .split('\n')
      .find((candidate) => candidate.startsWith(`parley_rate_limited_total{limit="${name}"}`));
    return Number(line?.split(' ').at(-1) ?? 0);
  };

  it.each(NAMES.filter((name) => !SIGNS.includes(name)))(
    '%s: what is too much is refused with a code, Retry-After and a count',
    async (name) => {
      // A socket's first frame is `auth`.
      const points = PROVOKED_POINTS + (name === 'socket.frame' ? 1 : 0);
      const api = await startApi({ [name]: points });
      const provoke = await PROVOCATIONS[name](stack, api.url);
      for (let turn = 0; turn < PROVOKED_POINTS; turn += 1) expect(await provoke()).toEqual({});
      expect(await provoke()).toEqual({ code: 'rate_limited', retryAfter: expect.any(Number) });
      expect(await refusalsOf(api.url, name)).toBe(1);
      await api.close();
    },
  );

  it.each(SIGNS)('%s: what is too much is asked for work', async (name) => {
    const api = await startApi({ [name]: PROVOKED_POINTS });
    const provoke = await PROVOCATIONS[name](stack, api.url);
    for (let turn = 0; turn < PROVOKED_POINTS; turn += 1) expect(await provoke()).toEqual({});
    expect(await provoke()).toEqual({ code: 'pow_required' });
    await api.close();
  });

  it('hold over all instances: another one knows', async () => {
    const prefix = { REDIS_PREFIX: `test-${uuidv7()}` };
    const apis = await Promise.all([startApi({ 'ip.other': 5 }, prefix), startApi({ 'ip.other': 5 }, prefix)]);
    const asked = Array.from({ length: 12 }, (_, turn) => request(`${apis[turn % 2]?.url}/nowhere`));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  it('refuse a socket before its upgrade, as HTTP', async () => {
    const api = await startApi({ 'ip.connect': 1 });
    await request(`${api.url}/v1/ws`);
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/v1/ws`);
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number; headers: object },
    ];
    expect(response).toMatchObject({ statusCode: 429, headers: { 'retry-after': expect.any(String) } });
    socket.on('error', () => {});
    socket.terminate();
  });

  describe('by address', () => {
    /** The status of the second of two requests, each with what proxies wrote. */
    async function second(api: RunningApi, first: string, then: string): Promise<number> {
      const ask = (forwarded: string) => request(`${api.url}/nowhere`, { headers: { 'x-forwarded-for': forwarded } });
      await ask(first);
      return (await ask(then)).status;
    }

    it('believe the proxies that there are, and nobody before them', async () => {
      const none = await startApi({ 'ip.other': 1 });
      expect(await second(none, '203.0.113.1', '203.0.113.2')).toBe(429);
      const one = () => startApi({ 'ip.other': 1 }, { TRUSTED_PROXIES: 1 });
      expect(await second(await one(), '203.0.113.1', '203.0.113.2')).toBe(404);
      // What a client writes itself stands before what the proxy saw.
      expect(await second(await one(), '198.51.100.1, 203.0.113.1', '198.51.100.2, 203.0.113.1')).toBe(429);
      const two = await startApi({ 'ip.other': 1 }, { TRUSTED_PROXIES: 2 });
      expect(await second(two, '203.0.113.1, 192.0.2.1', '203.0.113.2, 192.0.2.1')).toBe(404);
    });

    it('take a port that a proxy adds for no other address', async () => {
      const api = () => startApi({ 'ip.other': 1 }, { TRUSTED_PROXIES: 1 });
      expect(await second(await api(), '203.0.113.1:40001', '203.0.113.1:40002')).toBe(429);
      expect(await second(await api(), '[2001:db8::1]:40001', '2001:db8::1')).toBe(429);
    });

    it('count a whole /64 of IPv6 as one', async () => {
      const api = () => startApi({ 'ip.other': 1 }, { TRUSTED_PROXIES: 1 });
      expect(await second(await api(), '2001:db8:1:2::1', '2001:db8:1:2:ffff::9')).toBe(429);
      expect(await second(await api(), '2001:db8:1:2::1', '2001:db8:1:3::1')).toBe(404);
    });
  });

  it('count the messages of an address in all of its conversations', async () => {
    const api = await startApi({ 'ip.message': 2 });
    const join = async () => VisitorClient.join(api.url, (await openConversation(api.url, stack.site)).token);
    const [first, second] = [await join(), await join()];
    await first.ack(first.say('One'));
    await second.ack(second.say('Two'));
    second.say('Three');
    expect(await second.error('rate_limited')).toMatchObject({ retryAfter: expect.any(Number) });
    const over = { clientMessageId: uuidv7(), text: 'Four' };
    const { token } = await openConversation(api.url, stack.site);
    expect((await request(`${api.url}/v1/webchat/message`, { token, body: over })).status).toBe(429);
    expect(await refusalsOf(api.url, 'ip.message')).toBe(2);
    for (const visitor of [first, second]) visitor.leave();
  });

  it('ask a site’s visitors for work as long as it is flooded, and let who has paid begin', async () => {
    const api = await startApi({ 'site.start': PROVOKED_POINTS });
    const provoke = await PROVOCATIONS['site.start'](stack, api.url);
    const told: Told[] = [];
    for (let turn = 0; turn < 5; turn += 1) told.push(await provoke());
    expect(told.slice(PROVOKED_POINTS)).toEqual([1, 2, 3].map(() => ({ code: 'pow_required' })));
    const { body } = await request(`${api.url}/v1/webchat/config?siteKey=${stack.site.siteKey}`);
    expect(body['proofOfWork']).toMatchObject({ algorithm: 'SHA-256', required: true });
  });
});

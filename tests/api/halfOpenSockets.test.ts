import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

const GONE_WITHIN_MS = 10_000;

/** A connection on which the client does as little as it can: it answers no goodbye and never ends its own side. */
class SilentClient {
  readonly socket: Socket;
  readonly closed: Promise<number>;
  #said = '';

  /**
   * Says `words` and nothing more. `closed` resolves with the milliseconds that the server let it stay, from its first answer
   * or, without one, from the connect: what a whole crowd waits for its turn is not the server's patience.
   */
  constructor(url: string, words: string) {
    const { hostname, port } = new URL(url);
    let began = performance.now();
    this.socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    this.socket.write(words);
    this.socket.once('connect', () => {
      began = performance.now();
    });
    this.socket.once('data', () => {
      began = performance.now();
    });
    this.socket.on('data', (data) => {
      this.#said += data.toString('latin1');
    });
    this.socket.on('error', () => {});
    // The server ended its side, or cut the connection.
    this.closed = Promise.race([once(this.socket, 'end'), once(this.socket, 'close')]).then(() => {
      this.socket.destroy();
      return performance.now() - began;
    });
  }

  /** What the server sent. */
  get said(): string {
    return this.#said;
  }
}

function upgrade(from: string): string {
  return [
    'GET /v1/ws HTTP/1.1',
    'Host: api.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `X-Forwarded-For: ${from}`,
    '\r\n',
  ].join('\r\n');
}

// At the same time: each waits for the same deadline.
describe.concurrent('a crowd that connects and never authenticates', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
    await stack.startWorker();
  });
  afterAll(() => stack.stop());

  const crowd = (api: RunningApi, count: number, wordsOf: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => new SilentClient(api.url, wordsOf(index)));
  const longestOf = async (clients: SilentClient[]) => Math.max(...(await Promise.all(clients.map((c) => c.closed))));

  it('is gone within 10 s, whatever it says or leaves unsaid, while others talk', { timeout: 40_000 }, async () => {
    const api = await stack.startApi({ TRUSTED_PROXIES: 1 });
    const visitor = await VisitorClient.join(api.url, (await openConversation(api.url, stack.site)).token);
    const sockets = crowd(api, 1_000, (index) => upgrade(`198.51.${index >> 8}.${index & 255}`));
    const mute = crowd(api, 20, () => '');
    const slow = crowd(api, 20, () => 'GET /health HTTP/1.1\r\nHost: api.exa');
    await visitor.ack(visitor.say('Is it crowded here?'));
    expect(await longestOf(sockets)).toBeLessThan(GONE_WITHIN_MS);
    expect(sockets.every(({ said }) => said.includes('101 Switching') && said.includes('auth_timeout'))).toBe(true);
    expect(await longestOf([...mute, ...slow])).toBeLessThan(GONE_WITHIN_MS);
    await visitor.ack(visitor.say('Alone again'));
    visitor.leave();
  });

  it('of one address has no more sockets than an address may have', { timeout: 40_000 }, async () => {
    const api = await stack.startApi({ LIMITS: { ...stack.env.LIMITS, 'ip.socket': 20 } });
    const sockets = crowd(api, 50, () => upgrade('ignored'));
    const refused = () => sockets.filter(({ said }) => said.includes('rate_limited')).length;
    await expect.poll(refused, { timeout: 5_000 }).toBe(30);
    expect(await longestOf(sockets)).toBeLessThan(GONE_WITHIN_MS);
    // Its places are free again.
    const visitor = await VisitorClient.join(api.url, (await openConversation(api.url, stack.site)).token);
    visitor.leave();
  });

  it('is not kept where its upgrade is refused, or asked for where there is none', async () => {
    const api = await stack.startApi({
      REDIS_PREFIX: 'one-connection',
      LIMITS: { ...stack.env.LIMITS, 'ip.connect': 1 },
    });
    await request(`${api.url}/v1/ws`);
    const [refused] = crowd(api, 1, () => upgrade('ignored'));
    const [astray] = crowd(api, 1, () => upgrade('ignored').replace('/v1/ws', '/health'));
    await Promise.all([refused?.closed, astray?.closed]);
    expect(refused?.said).toContain('429 Too Many Requests');
  });
});

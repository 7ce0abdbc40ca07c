import { randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, request, VisitorClient } from './support/visitor.ts';

describe('the visitor’s socket', () => {
  let stack: Stack;
  let api: RunningApi;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
    await stack.startWorker();
  });
  afterAll(() => stack.stop());

  const open = () => openConversation(api.url, stack.site);
  const renew = (conversationId: string) => freshToken(api.url, stack.site, conversationId);
  async function join(): Promise<VisitorClient> {
    return VisitorClient.join(api.url, (await open()).token);
  }

  it('acknowledges a message and brings it back recorded, with the flow’s reply, in order', async () => {
    const visitor = await join();
    const clientMessageId = visitor.say('Good morning');
    await visitor.ack(clientMessageId);
    const echo = await visitor.message('Good morning');
    const reply = await visitor.message('Hello!');
    expect(echo).toMatchObject({ seq: 1, clientMessageId, direction: 'INBOUND', author: { kind: 'visitor' } });
    expect(reply).toMatchObject({ seq: 2, direction: 'OUTBOUND', author: { kind: 'bot' } });
    visitor.leave();
  });

  it('handles a burst strictly in order and shows each message once', async () => {
    const visitor = await join();
    const texts = Array.from({ length: 12 }, (_, index) => `line ${index}`);
    const ids = texts.map((text) => visitor.say(text));
    // A repeat of one that was accepted is acknowledged again and shown once.
    visitor.say('line 3', ids[3]);
    await visitor.message('line 11');
    await visitor.message('Hello!');
    const shown = visitor.messages().filter(({ direction }) => direction === 'INBOUND');
    expect(shown.map(({ text }) => text)).toEqual(texts);
    expect(visitor.messages().map(({ seq }) => seq)).toEqual(visitor.messages().map((_, index) => index + 1));
    const acks = visitor.frames.filter((frame) => frame.type === 'ack').map((frame) => frame.clientMessageId);
    expect(acks).toEqual([...ids, ids[3]]);
    visitor.leave();
  });

  it('sends what came after `since` before `ready`, once', async () => {
    const { token, conversationId } = await open();
    const first = await VisitorClient.join(api.url, token);
    for (const text of ['one', 'two', 'three']) first.say(text);
    await first.message('three');
    await first.message('Hello!');
    first.leave();
    const all = await VisitorClient.join(api.url, await renew(conversationId));
    const rest = await VisitorClient.join(api.url, await renew(conversationId), { since: 2 });
    const seqs = first.messages().map(({ seq }) => seq);
    expect(all.messages()).toEqual(first.messages());
    expect(rest.messages().map(({ seq }) => seq)).toEqual(seqs.slice(2));
    expect(rest.frames.at(-1)).toMatchObject({ type: 'ready', lastSeq: seqs.length });
    all.leave();
    rest.leave();
  });

  it('brings a message to every tab of the conversation', async () => {
    const { token, conversationId } = await open();
    const one = await VisitorClient.join(api.url, token);
    const two = await VisitorClient.join(api.url, await renew(conversationId));
    one.say('From the first tab');
    expect((await two.message('From the first tab')).seq).toBe(1);
    one.leave();
    two.leave();
  });

  it('pages through what is recorded by HTTP as well', async () => {
    const { token, conversationId } = await open();
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Remember me');
    await visitor.message('Hello!');
    const url = `${api.url}/v1/conversations/${conversationId}/messages`;
    const { body } = await request(`${url}?since=0&limit=1`, { token });
    expect(body).toMatchObject({ messages: [{ seq: 1, text: 'Remember me' }], lastSeq: 2, hasMore: true });
    expect((await request(`${url}?since=1`, { token })).body).toMatchObject({ messages: [{ seq: 2 }], hasMore: false });
    visitor.leave();
  });

  describe('answers a bad frame with its code and lives on', () => {
    const cases: [string, string, string | Buffer][] = [
      ['malformed JSON', 'invalid_json', '{"type":'],
      ['an unknown type', 'unknown_frame_type', '{"type":"dance"}'],
      ['no object', 'unknown_frame_type', '42'],
      ['a wrong shape', 'invalid_request', '{"type":"message","text":"no id"}'],
      ['a position beyond any', 'invalid_request', '{"type":"auth","token":"x","since":5000000000}'],
      ['a binary frame', 'invalid_request', Buffer.from([1, 2, 3])],
      ['a frame over 64 KB', 'payload_too_large', JSON.stringify({ type: 'ping', pad: 'x'.repeat(65_536) })],
    ];

    it.each(cases)('%s', async (_name, code, frame) => {
      const visitor = await join();
      visitor.sendRaw(frame);
      await visitor.error(code);
      await visitor.ack(visitor.say('Still here'));
      visitor.leave();
    });

    it('an empty and a too long text, naming the message', async () => {
      const visitor = await join();
      const empty = visitor.say('  \n');
      expect(await visitor.error('message_empty')).toMatchObject({ clientMessageId: empty });
      const long = visitor.say('x'.repeat(8_001));
      expect(await visitor.error('message_too_long')).toMatchObject({ clientMessageId: long });
      await visitor.ack(visitor.say('x'.repeat(8_000)));
      visitor.leave();
    });
  });

  it('ends a socket whose frame is beyond any reason', async () => {
    const visitor = await join();
    visitor.sendRaw('x'.repeat(300_000));
    expect(await visitor.closed()).toBe(1009);
  });

  it('lets nobody in without a valid first frame', async () => {
    const { token } = await open();
    const { aud: _aud, ...claims } = decodeJwt(token);
    const kid = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
    const sign = (change: object) =>
      new SignJWT({ ...claims, aud: 'parley:conversation', ...change })
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(Buffer.from(stack.env.CONVERSATION_JWT_SECRET));
    const attempts: [object, string, number][] = [
      [{ type: 'message', clientMessageId: randomUUID(), text: 'Hi' }, 'auth_required', 4401],
      [{ type: 'auth', token: 'nonsense' }, 'token_invalid', 4401],
      [{ type: 'auth', token: await sign({ aud: 'parley:challenge' }) }, 'token_invalid', 4401],
      [{ type: 'auth', token: await sign({ exp: 1 }) }, 'token_expired', 4401],
      [{ type: 'auth', token: await sign({ conversation: randomUUID() }) }, 'conversation_not_found', 4404],
    ];
    for (const [frame, code, closeCode] of attempts) {
      const visitor = await VisitorClient.connect(api.url);
      visitor.send(frame);
      await visitor.error(code);
      expect(await visitor.closed()).toBe(closeCode);
      expect(visitor.frames).toHaveLength(1);
    }
  });

  it('looks at the page’s origin as the routes do', async () => {
    const { token } = await open();
    const foreign = await VisitorClient.connect(api.url, 'https://evil.example');
    foreign.send({ type: 'auth', token });
    await foreign.error('origin_not_allowed');
    expect(await foreign.closed()).toBe(4403);
    const own = await VisitorClient.join(api.url, token, { origin: ORIGIN });
    own.leave();
  });

  it('takes a renewed token for its own conversation and refuses another’s', async () => {
    const [mine, other] = [await open(), await open()];
    const visitor = await VisitorClient.join(api.url, mine.token);
    visitor.send({ type: 'auth', token: other.token });
    await visitor.error('token_invalid');
    visitor.frames.length = 0;
    visitor.send({ type: 'auth', token: mine.token });
    expect(await visitor.next('ready')).toMatchObject({ conversationId: mine.conversationId });
    await visitor.ack(visitor.say('Renewed'));
    visitor.leave();
  });

  it('limits a socket’s frames and keeps the order of what it held up', async () => {
    const visitor = await join();
    // With `auth`, 28 of 30.
    for (let count = 0; count < 27; count += 1) visitor.send({ type: 'ping' });
    await expect.poll(() => visitor.frames.filter(({ type }) => type === 'pong').length).toBe(27);
    const ids = [visitor.say('first'), visitor.say('second'), visitor.say('third'), visitor.say('fourth')];
    const refused = await visitor.error('rate_limited');
    expect(refused).toMatchObject({ clientMessageId: ids[2] });
    expect(refused.retryAfter).toBeGreaterThan(0);
    await visitor.next('error', (frame) => frame.clientMessageId === ids[3]);
    expect(visitor.frames.filter(({ type }) => type === 'ack')).toHaveLength(2);
    visitor.leave();
  });

  it('limits a conversation’s messages over all its sockets', async () => {
    const { token, conversationId } = await open();
    const one = await VisitorClient.join(api.url, token);
    const other = await VisitorClient.join(api.url, await renew(conversationId));
    for (let count = 0; count < 20; count += 1) await one.ack(one.say(`line ${count}`));
    const ids = Array.from({ length: 12 }, (_, count) => other.say(`and ${count}`));
    const refused = await other.error('rate_limited');
    expect(refused).toMatchObject({ clientMessageId: ids[10], retryAfter: expect.any(Number) });
    expect(other.frames.filter(({ type }) => type === 'ack')).toHaveLength(10);
    one.leave();
    other.leave();
  });

  it('tells sockets to come back when the instance is stopped, and another has what was acknowledged', async () => {
    const stopping = await stack.startApi();
    const { token, conversationId } = await open();
    const visitor = await VisitorClient.join(stopping.url, token);
    const clientMessageId = visitor.say('Just before the end');
    await visitor.ack(clientMessageId);
    const began = Date.now();
    await stopping.close();
    expect(await visitor.closed()).toBe(1012);
    expect(Date.now() - began).toBeLessThan(5_000);
    const back = await VisitorClient.join(api.url, await renew(conversationId));
    await back.message('Just before the end');
    back.leave();
  });

  it('ends a socket that stays silent', { timeout: 20_000 }, async () => {
    const silent = await VisitorClient.connect(api.url);
    await expect.poll(() => silent.closeCode, { timeout: 12_000 }).toBe(4408);
    expect(silent.frames).toMatchObject([{ type: 'error', code: 'auth_timeout' }]);
  });
});

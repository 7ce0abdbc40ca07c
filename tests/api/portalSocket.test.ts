import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiProvider } from '../../activities/ai/openAiProvider.ts';
import { removeMember } from '../../db/queries/members/removeMember.ts';
import { setTenantStatus } from '../../db/queries/tenants/setTenantStatus.ts';
import { type FakeAi, startFakeAi } from '../../dev/ai/startFakeAi.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { until } from '../workflow/until.ts';
import { expired, wrongOnes } from './support/forge.ts';
import { GREETING, type PortalStack, type PortalUser, startPortal } from './support/portal.ts';
import { openConversation, type VisitorClient } from './support/visitor.ts';

const PIECES = ['At', ' nine', ' o’clock', '.'];
/** Longer than a socket's session goes without being looked at. */
const SESSION_WAIT_MS = 20_000;

describe('the socket of the portal', () => {
  let ai: FakeAi;
  let portal: PortalStack;
  beforeAll(async () => {
    ai = await startFakeAi();
    ai.otherwise({ kind: 'answer', pieces: PIECES, delayMs: 60 });
    portal = await startPortal(createOpenAiProvider({ baseUrl: ai.baseUrl, model: 'fake', apiKey: ai.apiKey }));
  });
  afterAll(async () => {
    await portal.stack.stop();
    await ai.close();
  });

  /** A new person's conversation with a new agent. */
  async function begin(tenantId?: string): Promise<{ user: PortalUser; id: string }> {
    const { id: agentId } = await portal.agent({ instructions: 'Speak like a clock.' }, tenantId);
    const user = await portal.person('viewer', tenantId);
    return { user, id: await user.conversation(agentId) };
  }

  async function join(user: PortalUser, id: string, since = 0): Promise<VisitorClient> {
    const client = await user.connect(id, { since });
    await client.next('ready');
    return client;
  }

  const promptsWith = (words: string) =>
    ai.requests.filter(({ messages }) => messages.some(({ content }) => content.includes(words)));

  it('opens by the cookie, and streams an answer after it was seen being typed', async () => {
    const { user, id } = await begin();
    const here = await join(user, id);
    const there = await join(user.at(portal.urls[1]), id);
    await here.ack(here.say('When do you open?'));
    for (const client of [here, there]) {
      const answer = await client.next('message', ({ author }) => author.kind === 'ai');
      expect(answer).toMatchObject({ seq: 3, text: PIECES.join(''), author: { kind: 'ai', name: 'Ada' } });
      const types = client.frames.filter(({ type }) => type !== 'ack').map(({ type }) => type);
      const typing = client.frames.findIndex((frame) => frame.type === 'typing' && frame.active);
      const delta = client.frames.findIndex((frame) => frame.type === 'message_delta');
      expect(typing).toBeGreaterThanOrEqual(0);
      expect(typing).toBeLessThan(delta);
      expect(delta).toBeLessThan(client.frames.indexOf(answer));
      expect(types[0]).toBe('ready');
      expect(client.messages().map(({ text }) => text)).toEqual([GREETING, 'When do you open?', PIECES.join('')]);
    }
    const late = await join(user, id, 2);
    expect(late.messages().map(({ seq }) => seq)).toEqual([3]);
    const answered = late.messages()[0]?.id;
    late.send({ type: 'message', clientMessageId: uuidv7(), text: 'Even then?', replyTo: answered });
    expect((await late.message('Even then?')).replyTo).toEqual({ messageId: answered });
    late.send({ type: 'rate', rating: 5 });
    expect(await late.error('conversation_open')).toMatchObject({ frame: 'rate' });
    for (const client of [here, there, late]) client.leave();
  });

  it('asks the model as the agent, by its instructions and below the rules', async () => {
    const { user, id } = await begin();
    await user.say(id, 'What do the bells mean?');
    await user.settled(id, 3);
    const [prompt] = promptsWith('What do the bells mean?');
    const system = prompt?.messages[0]?.content ?? '';
    expect(system).toContain('You are Ada');
    expect(system.indexOf('Speak like a clock.')).toBeGreaterThan(system.indexOf('never invent'));
  });

  it('takes no files, and says so, over the socket and over HTTP', async () => {
    const { user, id } = await begin();
    const client = await join(user, id);
    const message = { clientMessageId: uuidv7(), text: 'Look', attachments: [uuidv7()] };
    client.send({ type: 'message', ...message });
    expect(await client.next('error')).toMatchObject({
      code: 'file_unknown',
      clientMessageId: message.clientMessageId,
    });
    const answer = await user.send('POST', `/api/portal/chat/conversations/${id}/messages`, message);
    expect([answer.status, answer.body['code'], answer.body['errors']]).toEqual([
      ...[400, 'invalid_request'],
      [{ path: '/attachments', message: expect.any(String) }],
    ]);
    expect((await user.history(id)).messages).toEqual([]);
    client.leave();
  });

  it('is silent after a DELETE in the middle of an answer, and goes on with nothing remembered', async () => {
    const { user, id } = await begin();
    const here = await join(user, id);
    const there = await join(user.at(portal.urls[1]), id);
    const slow = Array.from({ length: 100 }, (_, index) => ` forgotten${index}`);
    ai.next({ kind: 'answer', pieces: slow, delayMs: 50 });
    here.say('Tell me the forbidden tale');
    await there.next('message_delta');
    expect((await user.at(portal.urls[1]).empty(id)).status).toBe(204);
    for (const client of [here, there]) await client.next('conversation_reset', ({ upToSeq }) => upToSeq === 2);
    await until(() => ai.abandoned > 0, 'the end of the answer that nobody wants');
    expect(await user.history(id)).toMatchObject({ messages: [], lastSeq: 2 });

    here.say('What time is it?');
    for (const client of [here, there]) {
      const answer = await client.next('message', ({ author }) => author.kind === 'ai');
      expect(answer).toMatchObject({ seq: 5, text: PIECES.join('') });
    }
    const [prompt] = promptsWith('What time is it?');
    expect(JSON.stringify(prompt?.messages)).not.toMatch(/forbidden|forgotten/);
    expect((await user.history(id)).messages.map(({ text }) => text)).toEqual([
      GREETING,
      'What time is it?',
      PIECES.join(''),
    ]);
    here.leave();
    there.leave();
  });

  it('loses nothing that is sent while it is emptied again and again', async () => {
    const { user, id } = await begin();
    const client = await join(user, id);
    const ids: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      ids.push(client.say(`Line ${round}`));
      const [emptied] = await Promise.all([user.empty(id), client.ack(ids.at(-1) ?? '')]);
      expect([204, 409]).toContain(emptied.status);
    }
    client.say('The last word');
    await client.message('The last word');
    await until(async () => (await user.history(id)).messages.at(-1)?.author.kind === 'ai', 'the last answer');
    const { messages, lastSeq } = await user.history(id);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => lastSeq - messages.length + 1 + index));
    expect(messages.filter(({ text }) => text === 'The last word')).toHaveLength(1);
    client.leave();
  });

  describe('keeps out', () => {
    it('a foreign page that has the cookie with it, and a program without a page', async () => {
      const { user, id } = await begin();
      for (const origin of ['https://evil.example', 'null', null]) {
        const client = await user.connect(id, { origin });
        client.say('Sent by somebody else');
        await client.error('auth_required');
        expect(await client.closed()).toBe(4401);
        expect(client.frames.some(({ type }) => type === 'ready')).toBe(false);
      }
      expect((await user.history(id)).lastSeq).toBe(0);
    });

    it('whoever comes with a token of another page, conversation, kind or time', async () => {
      const { user, id } = await begin();
      const other = await begin();
      const tokenOf = async (of: { user: PortalUser; id: string }) =>
        (await of.user.token(of.id)).body['token'] as string;
      const knock = async (token: string, origin: string | null, code: string) => {
        const client = await user.connect(id, { origin });
        client.send({ type: 'auth', token });
        await client.error(code);
        await client.closed();
      };
      const site = await openConversation(portal.urls[0], portal.stack.site);
      const { CONVERSATION_JWT_SECRET: secret } = portal.stack.env;
      const right = await tokenOf({ user, id });
      const wrong = await wrongOnes(right, secret, { other: site.token, audience: 'parley:conversation' });
      for (const forged of Object.values(wrong)) await knock(forged, null, 'token_invalid');
      await knock(await expired(right, secret), null, 'token_expired');
      await knock(await tokenOf(other), null, 'token_invalid');
      await knock(await tokenOf({ user, id }), 'https://evil.example', 'origin_not_allowed');
      const token = await tokenOf({ user, id });
      const welcome = await user.connect(id, { origin: null });
      welcome.send({ type: 'auth', token });
      await welcome.next('ready');
      await welcome.ack(welcome.say('By token'));
      await knock(token, null, 'token_used');
      welcome.leave();
    });

    it('everyone but whose it is, as from one that does not exist', async () => {
      const { id } = await begin();
      const stranger = await portal.person('admin');
      for (const name of [id, crypto.randomUUID()]) {
        const client = await stranger.connect(name);
        const { message } = await client.error('conversation_not_found');
        expect(message).toBe('There is no such conversation.');
        expect(await client.closed()).toBe(4404);
      }
    });

    it.concurrent('who has signed out, soon', { timeout: 2 * SESSION_WAIT_MS }, async () => {
      const { user, id } = await begin();
      const client = await join(user, id);
      await user.send('POST', '/api/auth/sign-out');
      await until(() => client.closeCode !== undefined, 'the end of the socket', SESSION_WAIT_MS);
      expect((await client.error('auth_required')).type).toBe('error');
    });

    it.concurrent('who is no member any more, within 5 s', async () => {
      const { user, id } = await begin();
      const clients = [await join(user, id), await join(user.at(portal.urls[1]), id)];
      const { userId } = await user.me();
      const by = { actor: { kind: 'system', id: null } } as const;
      expect(await removeMember(portal.stack.db, { tenantId: portal.tenantId, userId }, by)).toBe(true);
      await until(() => clients.every(({ closeCode }) => closeCode !== undefined), 'the end of the sockets', 5_000);
      for (const client of clients) expect((await client.error('conversation_not_found')).type).toBe('error');
    });

    it.concurrent('everyone of a tenant that is suspended, within 5 s', async () => {
      const { tenantId } = await createTenant(portal.stack.db);
      const { user, id } = await begin(tenantId);
      const client = await join(user, id);
      await setTenantStatus(portal.stack.db, tenantId, 'suspended', { actor: { kind: 'system', id: null } });
      await until(() => client.closeCode !== undefined, 'the end of the socket', 5_000);
      expect((await client.error('tenant_suspended')).type).toBe('error');
    });
  });
});

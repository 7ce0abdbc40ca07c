import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { type RedisServer, startRedis } from '../../dev/servers/startRedis.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { expired, forge, kidOf, wrongOnes } from './support/forge.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, readConfig, request, VisitorClient } from './support/visitor.ts';

describe('challenges and conversation tokens', () => {
  let folder: string;
  let redis: RedisServer;
  let stack: Stack;
  let api: RunningApi;
  let otherApi: RunningApi;
  let secret: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-tokens-'));
    redis = await startOwnRedis();
    stack = await startStack({ redisUrl: redis.url });
    [api, otherApi] = await Promise.all([stack.startApi(), stack.startApi()]);
    secret = stack.env.CONVERSATION_JWT_SECRET;
  });
  afterAll(async () => {
    await stack.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function startOwnRedis(port?: number): Promise<RedisServer> {
    const server = await startRedis({ dir: folder, port });
    if (!server) throw new Error('redis-server is not installed');
    return server;
  }

  const challengeOf = async () => (await readConfig(api.url, stack.site.siteKey, ORIGIN)).challenge;
  async function init(challenge: string, { url = api.url, origin = ORIGIN } = {}) {
    const { status, body } = await request(`${url}/v1/webchat/init`, {
      origin,
      body: { siteKey: stack.site.siteKey, challenge },
    });
    return { status, code: body['code'] };
  }
  async function say(token: string, origin = ORIGIN) {
    const body = { clientMessageId: randomUUID(), text: 'Hi' };
    const answer = await request(`${api.url}/v1/webchat/message`, { origin, token, body });
    return { status: answer.status, code: answer.body['code'] };
  }
  async function auth(token: string, url = api.url) {
    const visitor = await VisitorClient.connect(url, ORIGIN);
    visitor.send({ type: 'auth', token });
    const { code } = await visitor.next('error');
    return { code, closed: await visitor.closed() };
  }

  it('refuses every wrong challenge with challenge_invalid, and an old one with challenge_expired', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const right = await challengeOf();
    const wrong = await wrongOnes(right, secret, { other: token, audience: 'parley:conversation' });
    for (const [how, challenge] of Object.entries(wrong)) {
      expect({ how, ...(await init(challenge)) }).toEqual({ how, status: 401, code: 'challenge_invalid' });
    }
    expect(await init(await expired(right, secret))).toEqual({ status: 401, code: 'challenge_expired' });
    const fromServer = await request(`${api.url}/v1/webchat/config?siteKey=${stack.site.siteKey}`);
    expect(await init(fromServer.body['challenge'] as string)).toMatchObject({ code: 'challenge_invalid' });
    const ofOtherSite = await forge(right, secret, { claims: { site: 'another-site' } });
    expect(await init(ofOtherSite)).toMatchObject({ code: 'challenge_invalid' });
    // None of it has used the right one up.
    expect(await init(right, { origin: 'https://evil.example' })).toMatchObject({ code: 'origin_not_allowed' });
    expect(await init(right)).toMatchObject({ status: 200 });
  });

  it('refuses every wrong token with token_invalid, over HTTP and as first frame, and an old one with token_expired', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const wrong = await wrongOnes(token, secret, { other: await challengeOf(), audience: 'parley:challenge' });
    for (const [how, forged] of Object.entries(wrong)) {
      expect({ how, ...(await say(forged)) }).toEqual({ how, status: 401, code: 'token_invalid' });
      expect({ how, ...(await auth(forged)) }).toEqual({ how, code: 'token_invalid', closed: 4401 });
    }
    const old = await expired(token, secret);
    expect(await say(old)).toEqual({ status: 401, code: 'token_expired' });
    expect(await auth(old)).toEqual({ code: 'token_expired', closed: 4401 });
    expect(await say(token, 'https://evil.example')).toEqual({ status: 403, code: 'origin_not_allowed' });
    expect(await say(token)).toMatchObject({ status: 202 });
  });

  it('refuses a token that names another tenant or another tenant’s site, whoever signed it', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const { tenantId, siteKey } = await createTenant(stack.db);
    for (const claims of [{ tenant: tenantId }, { site: siteKey }, { tenant: tenantId, site: siteKey }]) {
      const forged = await forge(token, secret, { claims });
      const code = 'tenant' in claims && 'site' in claims ? 'conversation_not_found' : 'token_invalid';
      const { code: said } = await refusalWithoutOrigin(forged);
      expect(said).toBe(code);
    }
    const nobodys = await forge(token, secret, { claims: { conversation: randomUUID() } });
    expect(await say(nobodys)).toEqual({ status: 404, code: 'conversation_not_found' });
    expect(await auth(nobodys)).toEqual({ code: 'conversation_not_found', closed: 4404 });
  });

  async function refusalWithoutOrigin(token: string) {
    const body = { clientMessageId: randomUUID(), text: 'Hi' };
    const answer = await request(`${api.url}/v1/webchat/message`, { token, body });
    return { code: answer.body['code'] };
  }

  it('takes a challenge once, however many instances are asked at the same time', async () => {
    const challenge = await challengeOf();
    const urls = Array.from({ length: 20 }, (_, index) => (index % 2 ? api.url : otherApi.url));
    const answers = await Promise.all(urls.map((url) => init(challenge, { url })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'challenge_used')).toHaveLength(19);
    const { conversationId } = await openConversation(api.url, stack.site);
    const { siteKey } = stack.site;
    const spent = await request(`${otherApi.url}/v1/webchat/token`, {
      origin: ORIGIN,
      body: { siteKey, challenge, conversationId },
    });
    expect(spent).toMatchObject({ status: 401, body: { code: 'challenge_used' } });
  });

  it('opens one socket with a token, however many instances are asked, and that one may bring it again', async () => {
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token, { origin: ORIGIN });
    expect(await auth(token)).toEqual({ code: 'token_used', closed: 4401 });
    expect(await auth(token, otherApi.url)).toEqual({ code: 'token_used', closed: 4401 });
    visitor.frames.length = 0;
    visitor.send({ type: 'auth', token });
    await visitor.next('ready');
    // For requests it is good until its end.
    expect(await say(token)).toMatchObject({ status: 202 });
    const next = await VisitorClient.join(otherApi.url, await freshToken(api.url, stack.site, conversationId));
    next.leave();
    visitor.leave();
  });

  it('takes neither twice on one instance while Redis is away, and both once', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const challenge = await challengeOf();
    await redis.kill();
    try {
      expect(await init(challenge)).toMatchObject({ status: 200 });
      expect(await init(challenge)).toMatchObject({ code: 'challenge_used' });
      const visitor = await VisitorClient.join(api.url, token, { origin: ORIGIN });
      expect(await auth(token)).toMatchObject({ code: 'token_used' });
      visitor.leave();
    } finally {
      redis = await startOwnRedis(redis.port);
    }
    // What this instance has seen it has not forgotten.
    expect(await init(challenge)).toMatchObject({ code: 'challenge_used' });
  });

  it('signs with the newest secret, takes what the ones before it signed, and forgets one that is removed', async () => {
    const next = randomBytes(32).toString('hex');
    const { token: before } = await openConversation(api.url, stack.site);
    expect(decodeProtectedHeader(before)).toMatchObject({ alg: 'HS256', kid: kidOf(secret) });
    const [rotated, finished] = await Promise.all([
      stack.startApi({ CONVERSATION_JWT_SECRET: next, CONVERSATION_JWT_PREVIOUS_SECRETS: [secret] }),
      stack.startApi({ CONVERSATION_JWT_SECRET: next }),
    ]);
    const read = async (url: string, token: string) => {
      const { conversation } = decodeJwt<{ conversation: string }>(token);
      const answer = await request(`${url}/v1/conversations/${conversation}/messages`, { token });
      return answer.body['code'] ?? answer.status;
    };
    expect(await read(rotated.url, before)).toBe(200);
    expect(await read(finished.url, before)).toBe('token_invalid');
    const { token: after } = await openConversation(rotated.url, stack.site);
    expect(decodeProtectedHeader(after).kid).toBe(kidOf(next));
    expect([await read(rotated.url, after), await read(finished.url, after)]).toEqual([200, 200]);
    // An instance that has not heard of the new secret yet: hence it goes to all of them before it signs.
    expect(await read(api.url, after)).toBe('token_invalid');
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../api/startApi.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, readConfig, request } from './support/visitor.ts';

describe('the webchat routes', () => {
  let stack: Stack;
  let api: RunningApi;
  let siteKey: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
    siteKey = stack.site.siteKey;
  });
  afterAll(() => stack.stop());

  const call = (path: string, options: Parameters<typeof request>[1] = {}) => request(`${api.url}${path}`, options);
  const init = (body: object, origin = ORIGIN) => call('/v1/webchat/init', { origin, body: { siteKey, ...body } });

  /** A token of ours with the given claims changed. */
  async function forge(
    token: string,
    secret: string,
    change: { audience?: string; expiresIn?: string },
  ): Promise<string> {
    const { exp: _exp, iat: _iat, aud, ...claims } = decodeJwt(token);
    const kid = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid })
      .setAudience(change.audience ?? (aud as string))
      .setExpirationTime(change.expiresIn ?? '5m')
      .sign(Buffer.from(secret));
  }

  describe('config', () => {
    it('gives the look, the limits and a challenge', async () => {
      const config = await readConfig(api.url, siteKey, ORIGIN);
      expect(config).toMatchObject({ siteKey, limits: { messageLength: 8_000, frameBytes: 65_536 } });
      expect(config.look.title).toBe('Chat with us');
      expect(Date.parse(config.challengeExpiresAt) - Date.now()).toBeGreaterThan(4 * 60_000);
    });

    it('answers site_unknown, origin_not_allowed and invalid_request with a reason that the page may read', async () => {
      const unknown = await call('/v1/webchat/config?siteKey=nobodys-site', { origin: ORIGIN });
      expect(unknown).toMatchObject({ status: 404, body: { code: 'site_unknown', status: 404 } });
      const foreign = await call(`/v1/webchat/config?siteKey=${siteKey}`, { origin: 'https://evil.example' });
      expect(foreign).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
      expect(foreign.body).not.toHaveProperty('challenge');
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
      expect(unknown.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      const nameless = await call('/v1/webchat/config');
      expect(nameless).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ path: '/siteKey' }] },
      });
      expect(nameless.headers.get('content-type')).toContain('application/problem+json');
      expect(nameless.body['requestId']).toBe(nameless.headers.get('x-request-id'));
    });

    it('takes the referer for the origin where a browser sends none', async () => {
      const path = `/v1/webchat/config?siteKey=${siteKey}`;
      expect((await call(path, { headers: { referer: `${ORIGIN}/cart?x=1` } })).status).toBe(200);
      expect((await call(path, { headers: { referer: 'https://evil.example/' } })).body['code']).toBe(
        'origin_not_allowed',
      );
      expect((await call(path)).status).toBe(200);
    });
  });

  describe('init and token', () => {
    it('opens a conversation, finds it again by its id and by the site’s own name for the visitor', async () => {
      const externalSessionId = `shop-user-${randomUUID()}`;
      const opened = await openConversation(api.url, stack.site, { externalSessionId, visitorName: 'Kim' });
      const again = await openConversation(api.url, stack.site, { conversationId: opened.conversationId });
      const byName = await openConversation(api.url, stack.site, { externalSessionId });
      const other = await openConversation(api.url, stack.site);
      expect(again.conversationId).toBe(opened.conversationId);
      expect(byName.conversationId).toBe(opened.conversationId);
      expect(other.conversationId).not.toBe(opened.conversationId);
      const lifetime = Date.parse(opened.expiresAt) - Date.now();
      expect(lifetime).toBeGreaterThan(9 * 60_000);
      expect(lifetime).toBeLessThanOrEqual(10 * 60_000);
    });

    it('opens a new conversation for an id that it does not know, and never under that id', async () => {
      const unknown = randomUUID();
      const opened = await openConversation(api.url, stack.site, { conversationId: unknown });
      expect(opened.conversationId).not.toBe(unknown);
    });

    it('gives a fresh token for a known conversation only', async () => {
      const { conversationId } = await openConversation(api.url, stack.site);
      const ask = async (id: string) => {
        const { challenge } = await readConfig(api.url, siteKey, ORIGIN);
        return call('/v1/webchat/token', { origin: ORIGIN, body: { siteKey, challenge, conversationId: id } });
      };
      expect(await ask(conversationId)).toMatchObject({ status: 200, body: { conversationId } });
      expect(await ask(randomUUID())).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    });

    it('refuses names that cannot be kept', async () => {
      const { challenge } = await readConfig(api.url, siteKey, ORIGIN);
      const wrong = [{ visitorName: 'K\0m' }, { externalSessionId: 'shop\0user' }, { source: { url: 'half \ud800' } }];
      for (const part of wrong) {
        expect(await init({ challenge, ...part })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      }
      expect((await call('/v1/webchat/config?siteKey=shop%00key')).body['code']).toBe('invalid_request');
    });

    it('refuses a challenge of another origin, of another site, forged, expired, or that is a conversation token', async () => {
      const { challenge } = await readConfig(api.url, siteKey, ORIGIN);
      const fromServer = await request(`${api.url}/v1/webchat/config?siteKey=${siteKey}`);
      const { token } = await openConversation(api.url, stack.site);
      const secret = stack.env.CONVERSATION_JWT_SECRET;
      const invalid = [
        fromServer.body['challenge'],
        'not.a.token',
        token,
        await forge(challenge, 'another secret, long enough to be one', {}),
        await forge(challenge, secret, { audience: 'parley:conversation' }),
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${challenge.split('.')[1]}.`,
      ];
      for (const wrong of invalid) {
        expect(await init({ challenge: wrong })).toMatchObject({ status: 401, body: { code: 'challenge_invalid' } });
      }
      const expired = await expiredLike(challenge, secret);
      expect(await init({ challenge: expired })).toMatchObject({ status: 401, body: { code: 'challenge_expired' } });
      expect((await init({ challenge }, 'https://evil.example')).body['code']).toBe('origin_not_allowed');
    });
  });

  /** The same token, as it would be after its end. */
  async function expiredLike(token: string, secret: string): Promise<string> {
    const kid = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
    const claims = { ...decodeJwt(token), exp: Math.floor(Date.now() / 1_000) - 5 };
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(secret));
  }

  describe('message', () => {
    const messageOf = (text: string) => ({ clientMessageId: randomUUID(), text });

    it('answers 202 once the engine has the message, with no worker at all', async () => {
      const { token } = await openConversation(api.url, stack.site);
      const message = messageOf('Is anybody there?');
      const answer = await call('/v1/webchat/message', { origin: ORIGIN, token, body: message });
      expect(answer).toMatchObject({ status: 202, body: { clientMessageId: message.clientMessageId, status: 'sent' } });
    });

    it('refuses what is empty, too long, broken, too large, of another type, or for no known reason', async () => {
      const { token } = await openConversation(api.url, stack.site);
      const send = (body: unknown, headers: Record<string, string> = {}) =>
        call('/v1/webchat/message', { origin: ORIGIN, token, body, headers });
      expect(await send(messageOf(' \n '))).toMatchObject({ status: 400, body: { code: 'message_empty' } });
      expect(await send(messageOf('x'.repeat(8_001)))).toMatchObject({
        status: 400,
        body: { code: 'message_too_long' },
      });
      expect((await send(messageOf('x'.repeat(8_000)))).status).toBe(202);
      expect(await send('{"text":')).toMatchObject({ status: 400, body: { code: 'invalid_json' } });
      expect(await send(messageOf('x'.repeat(70_000)))).toMatchObject({
        status: 413,
        body: { code: 'payload_too_large' },
      });
      expect(await send({ text: 'no id' })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(await send('a=b', { 'content-type': 'text/csv' })).toMatchObject({
        status: 415,
        body: { code: 'unsupported_media_type' },
      });
    });

    it('refuses a missing, wrong, foreign or expired token, each with its code', async () => {
      const { token } = await openConversation(api.url, stack.site);
      const { challenge } = await readConfig(api.url, siteKey, ORIGIN);
      const secret = stack.env.CONVERSATION_JWT_SECRET;
      const send = async (bearer?: string, origin = ORIGIN) =>
        (await call('/v1/webchat/message', { origin, token: bearer, body: messageOf('Hi') })).body['code'];
      expect(await send()).toBe('auth_required');
      expect(await send('nonsense')).toBe('token_invalid');
      expect(await send(challenge)).toBe('token_invalid');
      expect(await send(await forge(token, 'another secret, long enough to be one', {}))).toBe('token_invalid');
      expect(await send(await expiredLike(token, secret))).toBe('token_expired');
      expect(await send(token, 'https://evil.example')).toBe('origin_not_allowed');
    });
  });

  it('shows a visitor the own conversation alone', async () => {
    const mine = await openConversation(api.url, stack.site);
    const other = await openConversation(api.url, stack.site);
    const read = (id: string, query = '') =>
      call(`/v1/conversations/${id}/messages${query}`, { origin: ORIGIN, token: mine.token });
    expect(await read(mine.conversationId)).toMatchObject({ status: 200, body: { messages: [], hasMore: false } });
    const [others, nobodys] = [await read(other.conversationId), await read(randomUUID())];
    expect(others).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    expect({ ...others.body, requestId: '' }).toEqual({ ...nobodys.body, requestId: '' });
    expect((await read(mine.conversationId, '?since=-1')).body['code']).toBe('invalid_request');
  });

  it('counts what the widget saw', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const body = { events: [{ name: 'opened', at: new Date().toISOString() }] };
    expect((await call('/v1/webchat/events', { origin: ORIGIN, token, body })).body).toEqual({ accepted: 1 });
    expect((await call('/metrics')).body['text']).toContain('parley_widget_events_total{name="opened"} 1');
  });

  it('answers every preflight of the webchat routes', async () => {
    const routes = ['config', 'init', 'message', 'events', 'token'].map((name) => `/v1/webchat/${name}`);
    for (const route of [...routes, `/v1/conversations/${randomUUID()}/messages`]) {
      const headers = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
      const answer = await call(route, { method: 'OPTIONS', origin: ORIGIN, headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect((await call(route, { method: 'OPTIONS' })).status).toBe(204);
    }
  });

  it('says not_found and method_not_allowed', async () => {
    expect(await call('/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const tooLong = `/v1/conversations/${'x'.repeat(200)}/messages`;
    expect(await call(tooLong)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const broken = await call('/v1/%zz');
    expect(broken).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(JSON.stringify(broken.body)).not.toContain('%zz');
    expect(broken.headers.get('content-type')).toContain('application/problem+json');
    const answer = await call('/v1/webchat/init', { method: 'DELETE' });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('describes its routes and their errors in OpenAPI 3.1, and is up and ready', async () => {
    const { body } = await call('/docs/json');
    expect(body['openapi']).toBe('3.1.0');
    const paths = body['paths'] as Record<string, Record<string, { responses: Record<string, { content: object }> }>>;
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/webchat/config', '/v1/webchat/init', '/v1/conversations/{id}/messages', '/ready']),
    );
    const responses = paths['/v1/webchat/message']?.['post']?.responses;
    expect(Object.keys(responses ?? {})).toEqual(expect.arrayContaining(['202', '400', '401', '413', '429', '503']));
    for (const [path, methods] of Object.entries(paths)) {
      for (const route of Object.values(methods)) {
        expect([path, Object.keys(route.responses)]).toEqual([path, expect.arrayContaining(['500', '503'])]);
      }
    }
    expect(Object.keys(responses?.['503']?.content ?? {})).toEqual(['application/problem+json']);
    expect(await call('/health')).toMatchObject({ status: 200, body: { status: 'up' } });
    const checks = { database: 'up', engine: 'up', redis: 'up' };
    expect(await call('/ready')).toMatchObject({ status: 200, body: { status: 'ready', checks } });
  });

  it('serves the widget: for a year under its hash, for minutes under any other address', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-widget-'));
    const widgetFile = join(folder, 'widget.js');
    await writeFile(widgetFile, '"use strict";');
    const other = await startApi({ env: stack.env, logger: createLogger('silent'), widgetFile });
    try {
      const plain = await request(`${other.url}/widget.js`);
      expect(plain.body['text']).toBe('"use strict";');
      expect(plain.headers.get('cache-control')).toBe('public, max-age=300');
      const hash = plain.headers.get('etag')?.replaceAll('"', '');
      const versioned = await request(`${other.url}/widget.js?v=${hash}`);
      expect(versioned.headers.get('cache-control')).toContain('immutable');
      const known = await request(`${other.url}/widget.js`, { headers: { 'if-none-match': `"${hash}"` } });
      expect(known.status).toBe(304);
      expect((await call('/widget.js')).body['code']).toBe('not_found');
    } finally {
      await other.close();
      await rm(folder, { recursive: true });
    }
  });
});

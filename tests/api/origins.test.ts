import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../api/startApi.ts';
import { readEnv } from '../../config/env.ts';
import { sites } from '../../db/schema/sites.ts';
import { tenantSettings } from '../../db/schema/tenantSettings.ts';
import { tenants } from '../../db/schema/tenants.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createLogger } from '../../runtime/logger.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, readConfig, request, VisitorClient } from './support/visitor.ts';

const FOREIGN = 'https://evil.example';
const ALLOW_ORIGIN = 'access-control-allow-origin';

type Paths = Record<string, Record<string, unknown>>;

describe('pages of other origins', () => {
  let stack: Stack;
  let api: RunningApi;
  let folder: string;
  /** Of another tenant: one origin in the site's list, one in the tenant's. */
  const other = { tenantId: uuidv7(), siteId: uuidv7(), siteKey: `site-${uuidv7()}`, origin: newOrigin() };
  const tenantOrigin = newOrigin();

  beforeAll(async () => {
    stack = await startStack();
    folder = await mkdtemp(join(tmpdir(), 'parley-origins-'));
    const widgetFile = join(folder, 'widget.js');
    await writeFile(widgetFile, '"use strict";');
    const { tenantId, siteId, siteKey } = other;
    await withTenant(stack.db, tenantId, async (tx) => {
      await tx.insert(tenants).values({ id: tenantId, slug: tenantId, name: 'Test' });
      await tx.insert(tenantSettings).values({
        tenantId,
        environment: 'development',
        settings: { allowedOrigins: [tenantOrigin] },
      });
      await tx.insert(sites).values({ tenantId, id: siteId, key: siteKey, name: 'T', allowedOrigins: [other.origin] });
    });
    api = await startApi({ env: stack.env, logger: createLogger('silent'), widgetFile });
  });
  afterAll(async () => {
    await api.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function newOrigin(): string {
    return `https://${randomUUID()}.example`;
  }
  const call = (path: string, options: Parameters<typeof request>[1] = {}) => request(`${api.url}${path}`, options);
  const configOf = (siteKey: string) => `/v1/webchat/config?siteKey=${siteKey}`;
  const preflight = (path: string, origin?: string, method = 'POST') =>
    call(path, {
      method: 'OPTIONS',
      origin,
      headers: { 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
    });

  it('a page on the site’s or its tenant’s list is let in, and may read the answer', async () => {
    for (const origin of [other.origin, tenantOrigin]) {
      const answer = await call(configOf(other.siteKey), { origin });
      expect([answer.status, answer.headers.get(ALLOW_ORIGIN)]).toEqual([200, origin]);
      expect(answer.headers.get('vary')).toContain('Origin');
      const { conversationId } = await openConversation(api.url, { siteKey: other.siteKey, origin });
      expect(conversationId).toBeTruthy();
    }
  });

  it('a page on nobody’s list, or on another tenant’s, is refused and allowed nothing', async () => {
    for (const origin of [FOREIGN, other.origin, 'null']) {
      const answer = await call(configOf(stack.site.siteKey), { origin });
      expect(answer).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
      expect(answer.headers.get(ALLOW_ORIGIN)).toBeNull();
    }
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const { challenge } = await readConfig(api.url, stack.site.siteKey, ORIGIN);
    const init = await call('/v1/webchat/init', {
      origin: other.origin,
      body: { siteKey: stack.site.siteKey, challenge },
    });
    const history = await call(`/v1/conversations/${conversationId}/messages`, { origin: FOREIGN, token });
    for (const answer of [init, history]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
      expect(answer.headers.get(ALLOW_ORIGIN)).toBeNull();
    }
    const socket = await VisitorClient.connect(api.url, FOREIGN);
    socket.send({ type: 'auth', token });
    await socket.error('origin_not_allowed');
    expect(await socket.closed()).toBe(4403);
  });

  it('looks at the referer where there is no origin, and believes neither when they contradict each other', async () => {
    const ask = async (headers: Record<string, string>) =>
      (await call(configOf(stack.site.siteKey), { headers })).body['code'] ?? 'let in';
    expect(await ask({})).toBe('let in');
    expect(await ask({ referer: `${ORIGIN}/cart?x=1` })).toBe('let in');
    expect(await ask({ referer: `${FOREIGN}/` })).toBe('origin_not_allowed');
    expect(await ask({ referer: 'nonsense' })).toBe('origin_not_allowed');
    expect(await ask({ origin: ORIGIN, referer: `${ORIGIN}/` })).toBe('let in');
    expect(await ask({ origin: ORIGIN, referer: `${FOREIGN}/` })).toBe('origin_not_allowed');
    expect(await ask({ origin: FOREIGN, referer: `${ORIGIN}/` })).toBe('origin_not_allowed');
    expect(await ask({ origin: `${ORIGIN}.evil.example` })).toBe('origin_not_allowed');
    expect(await ask({ origin: ORIGIN.replace('https', 'http') })).toBe('origin_not_allowed');
  });

  it('a preflight of every route is answered, and grants no foreign page anything', async () => {
    const { body } = await call('/docs/json');
    const routes = Object.entries(body['paths'] as Paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path: path.replaceAll(/\{\w+\}/g, randomUUID()), method })),
    );
    expect(routes.length).toBeGreaterThan(20);
    for (const { path, method } of routes) {
      for (const origin of [ORIGIN, FOREIGN, undefined]) {
        const answer = await preflight(path, origin, method.toUpperCase());
        expect([path, answer.status]).toEqual([path, 204]);
        const allowed = answer.headers.get(ALLOW_ORIGIN);
        expect([path, allowed]).toEqual([path, path === '/widget.js' ? '*' : mayRead(path, origin)]);
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
    }
  });

  /** Visitors' routes alone are for pages of other origins. */
  function mayRead(path: string, origin: string | undefined): string | null {
    return /^\/v1\/(webchat|conversations)\//.test(path) && origin === ORIGIN ? ORIGIN : null;
  }

  it('an origin that leaves every list is forgotten', async () => {
    const origin = newOrigin();
    const allow = (allowedOrigins: string[]) =>
      withTenant(stack.db, other.tenantId, (tx) => tx.update(sites).set({ allowedOrigins }));
    await allow([other.origin, origin]);
    expect((await preflight('/v1/webchat/init', origin)).headers.get(ALLOW_ORIGIN)).toBe(origin);
    await allow([other.origin]);
    const allowed = async () => (await preflight('/v1/webchat/init', origin)).headers.get(ALLOW_ORIGIN);
    await expect.poll(allowed, { timeout: 8_000, interval: 250 }).toBeNull();
  });

  it('a wildcard opens every site for development, and keeps production from starting', async () => {
    const open = await stack.startApi({ ALLOWED_ORIGINS: ['*'] });
    const answer = await request(`${open.url}${configOf(stack.site.siteKey)}`, { origin: FOREIGN });
    expect([answer.status, answer.headers.get(ALLOW_ORIGIN)]).toEqual([200, FOREIGN]);
    const environment = {
      NODE_ENV: 'production',
      DATABASE_URL: stack.env.DATABASE_URL,
      CONVERSATION_JWT_SECRET: stack.env.CONVERSATION_JWT_SECRET,
      MASTER_KEY: stack.env.MASTER_KEY,
    };
    const read = (more: Record<string, string>) => () => readEnv({ ...environment, ...more });
    for (const wild of ['*', 'https://*.shop.example', `${ORIGIN}, *`]) {
      expect(read({ ALLOWED_ORIGINS: wild })).toThrow('ALLOWED_ORIGINS');
    }
    expect(read({ ALLOWED_ORIGINS: ` ${ORIGIN} ,${FOREIGN}/ ` })().ALLOWED_ORIGINS).toEqual([ORIGIN, FOREIGN]);
    expect(read({ NODE_ENV: 'development', ALLOWED_ORIGINS: '*' })().ALLOWED_ORIGINS).toEqual(['*']);
    expect(read({ SERVICE_TOKEN: stack.env.CONVERSATION_JWT_SECRET })).toThrow('SERVICE_TOKEN');
  });

  it('answers who asks a socket’s address without wanting one', async () => {
    const answer = await call('/v1/ws');
    expect(answer).toMatchObject({ status: 426, body: { code: 'upgrade_required' } });
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('gives every answer its security headers, and every page a policy', async () => {
    const paths = ['/health', '/nowhere', configOf(stack.site.siteKey), '/widget.js', '/docs', '/v1/ws'];
    for (const path of paths) {
      const { headers } = await call(path, { redirect: 'manual' });
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect([path, headers.get('strict-transport-security')]).toEqual([path, expect.stringContaining('max-age=')]);
      expect([path, headers.get('referrer-policy')]).toEqual([path, 'no-referrer']);
      expect([path, headers.get('x-powered-by')]).toEqual([path, null]);
      const policy = headers.get('content-security-policy') ?? '';
      expect([path, policy]).toEqual([path, expect.stringMatching(/default-src '(none|self)'/)]);
      expect([path, policy]).toEqual([path, expect.stringMatching(/frame-ancestors '(none|self)'/)]);
      expect([path, policy.includes('unsafe-eval')]).toEqual([path, false]);
      expect(scriptsOf(policy)).not.toContain("'unsafe-inline'");
    }
  });
});

function scriptsOf(policy: string): string {
  return policy.split(';').find((directive) => directive.trim().startsWith('script-src')) ?? '';
}

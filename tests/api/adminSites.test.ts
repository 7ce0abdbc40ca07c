import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { SiteView } from '../../contracts/siteAdmin.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getSite } from '../../db/queries/sites/getSite.ts';
import { flows } from '../../db/schema/flows.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

/** How late a change may be felt. */
const WITHIN = { timeout: 5_000, interval: 100 };
const SECRET = 'a secret that only this site and Parley know';

describe('the sites of a tenant', () => {
  let stack: Stack;
  let api: RunningApi;
  let tenantId: string;
  let token: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    ({ tenantId } = await createTenant(stack.db));
    ({ key: token } = await issueKey(stack.db, tenantId, ['settings:read', 'settings:write']));
  });

  const call = (path: string, init: Parameters<typeof request>[1] = {}) =>
    request(`${api.url}/v1/admin/${path}`, { token, ...init });
  const patch = (id: string, body: object) => call(`sites/${id}`, { method: 'PATCH', body });
  const config = (siteKey: string, origin: string) =>
    request(`${api.url}/v1/webchat/config?siteKey=${siteKey}`, { origin });

  async function create(fields: object = {}): Promise<SiteView> {
    const body = { name: 'Shop', allowedOrigins: ['https://shop.example'], ...fields };
    const { status, body: site } = await call('sites', { body });
    expect([status, site]).toEqual([201, expect.anything()]);
    return site as unknown as SiteView;
  }

  const problemsOf = async (body: object) => {
    const { status, body: problem } = await call('sites', { body: { name: 'Shop', allowedOrigins: [], ...body } });
    return [status, (problem['errors'] as { path: string }[] | undefined)?.map(({ path }) => path)];
  };

  it('let the origins embed them that are named, a bare host by https', async () => {
    const { key, allowedOrigins } = await create({
      allowedOrigins: ['Shop.Example', 'https://shop.example:443', 'http://localhost:3000'],
    });
    expect(allowedOrigins).toEqual(['https://shop.example', 'http://localhost:3000']);
    expect((await config(key, 'https://shop.example')).status).toBe(200);
    expect((await config(key, 'https://shop.example.evil.example')).body['code']).toBe('origin_not_allowed');
    for (const origin of ['*', 'https://*.shop.example', 'https://shop.example/path', 'ftp://shop.example', '']) {
      expect([origin, ...(await problemsOf({ allowedOrigins: [origin] }))]).toEqual([
        origin,
        400,
        ['/allowedOrigins/0'],
      ]);
    }
  });

  it('show their look and language in the widget, and what is changed within 5 s', async () => {
    const { id, key } = await create({ look: { title: 'Ask us' }, locale: 'de-AT' });
    const look = async () => (await config(key, 'https://shop.example')).body['look'];
    expect(await look()).toMatchObject({ title: 'Ask us', locale: 'de-AT', accent: '#4f46e5' });
    const longest = 'en-Latn-GB-boont-r-extended-sequence';
    expect((await patch(id, { locale: longest })).status).toBe(400);
    await patch(id, { locale: longest.slice(0, 35) });
    await expect.poll(look, WITHIN).toMatchObject({ locale: longest.slice(0, 35) });
    const changed = await patch(id, { look: { accent: '#112233' }, locale: null });
    expect(changed.body).toMatchObject({ name: 'Shop', look: { accent: '#112233', title: 'Chat with us' } });
    await expect.poll(look, WITHIN).toMatchObject({ title: 'Chat with us', accent: '#112233', locale: 'en' });
    // What is stored is what differs from the defaults: a better one reaches every site.
    expect((await getSite(stack.db, tenantId, id))?.look).toEqual({ accent: '#112233' });
  });

  it('are gone for visitors while they are switched off', async () => {
    const { id, key } = await create();
    expect((await config(key, 'https://shop.example')).status).toBe(200);
    expect((await patch(id, { rollout: 'off' })).status).toBe(200);
    await expect
      .poll(async () => (await config(key, 'https://shop.example')).body['code'], WITHIN)
      .toBe('site_unknown');
  });

  it('do not contradict themselves, on creation and after a change', async () => {
    expect(await problemsOf({ rollout: 'tiered' })).toEqual([400, ['/rolloutPercent']]);
    expect(await problemsOf({ rolloutPercent: 5 })).toEqual([400, ['/rolloutPercent']]);
    expect(await problemsOf({ identity: { mode: 'secret' } })).toEqual([400, ['/identitySecret']]);
    expect(await problemsOf({ identity: { mode: 'jwks', jwksUrl: 'file:///etc/passwd' } })).toEqual([
      400,
      ['/identity/jwksUrl'],
    ]);
    expect(await problemsOf({ identitySecret: SECRET })).toEqual([400, ['/identitySecret']]);
    expect(await problemsOf({ name: 'a\0b' })).toEqual([400, ['/name']]);
    expect(await problemsOf({ look: { colour: 'red' } })).toEqual([400, ['/look']]);
    const { id } = await create({ rollout: 'tiered', rolloutPercent: 10 });
    // What no database can store is written as every URL writes it.
    const identity = { mode: 'jwks', jwksUrl: 'https://shop.example/a\0b' };
    expect((await patch(id, { identity })).body['identity']).toMatchObject({ jwksUrl: 'https://shop.example/a%00b' });
    expect((await patch(id, { rolloutPercent: null })).body['code']).toBe('invalid_request');
    expect((await patch(id, { rollout: 'ga', rolloutPercent: null })).body).toMatchObject({ rollout: 'ga' });
    expect((await call('sites', { body: { name: 'x', allowedOrigins: [], flowId: randomUUID() } })).body['code']).toBe(
      'conflict',
    );
  });

  it('keep the secret of their visitors to themselves: sealed, never shown, forgotten with the identity', async () => {
    const made = await create({ identity: { mode: 'secret', required: true }, identitySecret: SECRET });
    expect(made).toMatchObject({ hasIdentitySecret: true, identity: { mode: 'secret', required: true } });
    const shown = [made, (await call(`sites/${made.id}`)).body, (await call('sites')).body];
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    const stored = (await getSite(stack.db, tenantId, made.id))?.identitySecret;
    expect(stored?.toString('latin1')).not.toContain(SECRET);
    const { secrets } = openKeys(stack.env, stack.db);
    expect(await secrets.open(tenantId, stored ?? Buffer.alloc(0))).toBe(SECRET);

    expect((await patch(made.id, { identity: null })).body['code']).toBe('invalid_request');
    const forgotten = await patch(made.id, { identity: null, identitySecret: null });
    expect(forgotten.body).toMatchObject({ identity: null, hasIdentitySecret: false });
    expect((await getSite(stack.db, tenantId, made.id))?.identitySecret).toBeNull();
  });

  it('are listed page by page, those of other tenants never, and those have no answer of their own', async () => {
    const ids = [await create(), await create()].map(({ id }) => id);
    const first = await call('sites?limit=2');
    const rest = await call(`sites?limit=2&cursor=${String(first.body['nextCursor'])}`);
    const seen = [first, rest].flatMap(({ body }) => (body['items'] as SiteView[]).map(({ id }) => id));
    // The fixture's tenant has a site already.
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(expect.arrayContaining(ids));
    expect(rest.body['nextCursor']).toBeNull();

    const stranger = await createTenant(stack.db);
    for (const init of [{}, { method: 'PATCH', body: { name: 'Mine' } }, { method: 'DELETE' }]) {
      const [theirs, nobodys] = [await call(`sites/${stranger.siteId}`, init), await call(`sites/${uuidv7()}`, init)];
      const { requestId: _theirs, ...same } = theirs.body;
      expect(theirs.status).toBe(404);
      expect(nobodys.body).toMatchObject(same);
    }
    expect((await getSite(stack.db, stranger.tenantId, stranger.siteId))?.name).toBe('Test');
    const flowId = uuidv7();
    await withTenant(stack.db, stranger.tenantId, (tx) =>
      tx.insert(flows).values({ tenantId: stranger.tenantId, id: flowId, name: 'Theirs' }),
    );
    expect((await patch(ids[0] ?? '', { flowId })).body['code']).toBe('conflict');
  });

  it('are deleted with what is of no conversation, each change with its line in the audit log', async () => {
    const { id, key } = await create();
    await openConversation(api.url, { siteKey: key, origin: 'https://shop.example' });
    await patch(id, { name: 'Shop 2', protection: 'under_attack' });
    const deleted = await call(`sites/${id}`, { method: 'DELETE' });
    expect([deleted.status, deleted.body]).toEqual([204, { text: '' }]);
    expect((await call(`sites/${id}`)).body['code']).toBe('not_found');
    const log = (await listAudit(stack.db, tenantId, { limit: 10 })).filter(({ target }) => target === `site/${id}`);
    expect(log.map(({ action, data }) => [action, data])).toEqual([
      ['site.deleted', {}],
      ['site.changed', { fields: ['name', 'protection'] }],
      ['site.created', {}],
    ]);
    expect(log[0]).toMatchObject({ actor: { kind: 'apiKey' }, ip: '127.0.0.1', requestId: expect.any(String) });
  });
});

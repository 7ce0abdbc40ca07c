import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { Scope } from '../../contracts/access.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { apiKeys } from '../../db/schema/apiKeys.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';

const WITHIN = { timeout: 5_000, interval: 50 };

describe('API keys', () => {
  let stack: Stack;
  let api: RunningApi;
  let tenantId: string;
  let manager: string;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    ({ tenantId } = await createTenant(stack.db));
    ({ key: manager } = await issueKey(stack.db, tenantId, ['keys:manage', 'conversations:read', 'audit:read']));
  });

  const call = (path: string, token: string, init: Parameters<typeof request>[1] = {}, url = api.url) =>
    request(`${url}/v1/admin/${path}`, { token, ...init });
  const revoke = (id: string, token = manager) => call(`api-keys/${id}`, token, { method: 'DELETE' });
  async function issue(scopes: Scope[], more: object = {}, token = manager) {
    const answer = await call('api-keys', token, { body: { name: 'Reporting', scopes, ...more } });
    return { ...answer, id: String(answer.body['id']), key: String(answer.body['key']) };
  }
  async function keyRow(id: string) {
    const [row] = await withTenant(stack.db, tenantId, (tx) => tx.select().from(apiKeys).where(eq(apiKeys.id, id)));
    return row;
  }

  it('are shown once, listed without what is secret, and not kept', async () => {
    const { status, id, key, body } = await issue(['conversations:read', 'conversations:read']);
    expect(status).toBe(201);
    expect(key).toMatch(/^parley_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(body).toMatchObject({ scopes: ['conversations:read'], requestsPerMinute: 600, revokedAt: null });
    const list = await call('api-keys', manager);
    const [first] = list.body['items'] as Record<string, unknown>[];
    expect(first).toMatchObject({ id, name: 'Reporting', prefix: key.slice(0, 15), expiresAt: null });
    expect(JSON.stringify(list.body)).not.toContain(key.slice(16));
    expect(JSON.stringify(await keyRow(id))).not.toContain(key.slice(16));
  });

  it('do what their scopes name, in their tenant alone', async () => {
    const { key } = await issue(['conversations:read']);
    const path = `conversations/${randomUUID()}`;
    expect(await call(path, key)).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    const agent = { id: 'desk:1', name: 'Robin' };
    expect(await call(`${path}/claim`, key, { body: { agent } })).toMatchObject({ status: 403 });
    expect(await call('api-keys', key)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const elsewhere = { headers: { 'parley-tenant': DEFAULT_TENANT_ID } };
    expect(await call(path, key, elsewhere)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('cannot issue more than they hold, nor anything that outlives them', async () => {
    expect(await issue(['data:erase'])).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const mortal = await issueKey(stack.db, tenantId, ['keys:manage'], { expiresAt });
    const child = await issue(['keys:manage'], {}, mortal.key);
    expect(child.body['expiresAt']).toBe(expiresAt.toISOString());
    const later = { expiresAt: new Date(Date.now() + 7_200_000).toISOString() };
    expect((await issue(['keys:manage'], later, mortal.key)).body['expiresAt']).toBe(expiresAt.toISOString());
    expect(await issue(['keys:manage'], { expiresAt: new Date(0).toISOString() })).toMatchObject({ status: 400 });
  });

  it('end on every instance within 5 s of being revoked, with all that they issued', async () => {
    const other = await stack.startApi();
    const parent = await issue(['keys:manage', 'conversations:read']);
    const child = await issue(['keys:manage', 'conversations:read'], {}, parent.key);
    const grandchild = await issue(['conversations:read'], {}, child.key);
    const path = `conversations/${randomUUID()}`;
    for (const { key } of [parent, child, grandchild]) {
      for (const url of [api.url, other.url]) expect((await call(path, key, {}, url)).status).toBe(404);
    }
    expect((await revoke(parent.id)).status).toBe(204);
    for (const { key } of [parent, child, grandchild]) {
      for (const url of [api.url, other.url]) {
        await vi.waitFor(async () => expect((await call(path, key, {}, url)).status).toBe(401), WITHIN);
      }
    }
    expect(await revoke(parent.id)).toMatchObject({ status: 204 });
    const lines = await listAudit(stack.db, tenantId, { limit: 20 });
    const revoked = lines.filter(({ action }) => action === 'api_key.revoked').map(({ target }) => target);
    expect(revoked.sort()).toEqual([parent.id, child.id, grandchild.id].map((id) => `api_key/${id}`).sort());
  });

  it('of another tenant are as unknown as those of nobody', async () => {
    const { tenantId: stranger } = await createTenant(stack.db);
    const theirs = await issueKey(stack.db, stranger, ['conversations:read']);
    const [other, unknown] = [await revoke(theirs.id), await revoke(randomUUID())];
    expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect({ ...other.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    const path = `conversations/${randomUUID()}`;
    expect((await call(path, theirs.key)).status).toBe(404);
    expect((await call(path, `${theirs.key.slice(0, -4)}AAAA`)).body['code']).toBe('unauthenticated');
  });

  it('expire', async () => {
    const { key } = await issueKey(stack.db, tenantId, ['conversations:read'], {
      expiresAt: new Date(Date.now() + 1_000),
    });
    const path = `conversations/${randomUUID()}`;
    expect((await call(path, key)).status).toBe(404);
    await vi.waitFor(async () => expect((await call(path, key)).status).toBe(401), WITHIN);
  });

  it('have a limit of their own', async () => {
    const { key } = await issueKey(stack.db, tenantId, ['conversations:read'], { requestsPerMinute: 2 });
    const path = `conversations/${randomUUID()}`;
    expect((await call(path, key)).status).toBe(404);
    expect((await call(path, key)).status).toBe(404);
    const refused = await call(path, key);
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call(path, manager)).status).toBe(404);
  });

  it('say when they were last used, written once a minute at most', async () => {
    const { id, key } = await issue(['conversations:read']);
    expect((await keyRow(id))?.lastUsedAt).toBeNull();
    const path = `conversations/${randomUUID()}`;
    await call(path, key);
    await vi.waitFor(async () => expect((await keyRow(id))?.lastUsedAt).toBeInstanceOf(Date), WITHIN);
    const written = (await keyRow(id))?.lastUsedAt;
    const another = await stack.startApi();
    await call(path, key, {}, another.url);
    await another.close();
    expect((await keyRow(id))?.lastUsedAt).toEqual(written);
  });

  it('leave who issued and revoked them in the audit log', async () => {
    const { id } = await issue(['conversations:read']);
    await revoke(id);
    const lines = await listAudit(stack.db, tenantId, { limit: 2 });
    expect(lines).toMatchObject([
      { action: 'api_key.revoked', target: `api_key/${id}`, actor: { kind: 'apiKey' } },
      { action: 'api_key.created', target: `api_key/${id}`, data: { scopes: ['conversations:read'] } },
    ]);
    expect(lines[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the service token', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  it('is for the default tenant alone', async () => {
    const api = await stack.startApi();
    const { tenantId } = await createTenant(stack.db);
    const as = (tenant: string) =>
      request(`${api.url}/v1/admin/api-keys`, { token: SERVICE_TOKEN, headers: { 'parley-tenant': tenant } });
    expect((await as(DEFAULT_TENANT_ID)).status).toBe(200);
    expect(await as(tenantId)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await as(randomUUID())).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const tenants = await request(`${api.url}/v1/admin/tenants`, { token: SERVICE_TOKEN });
    expect(tenants).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('signs and verifies no token', async () => {
    const api = await stack.startApi();
    const challenge = (await request(`${api.url}/v1/webchat/config?siteKey=${stack.site.siteKey}`, { origin: ORIGIN }))
      .body['challenge'];
    const [header = '', payload = ''] = String(challenge).split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(Buffer.from(SERVICE_TOKEN, 'utf8'));
    const init = (token: unknown) =>
      request(`${api.url}/v1/webchat/init`, {
        origin: ORIGIN,
        body: { siteKey: stack.site.siteKey, challenge: token },
      });
    expect(await init(forged)).toMatchObject({ status: 401, body: { code: 'challenge_invalid' } });
    const genuine = await init(challenge);
    expect(genuine.status).toBe(200);
    const token = String(genuine.body['token']);
    const [tokenHeader = '', tokenPayload = ''] = token.split('.');
    const forgedToken = await new SignJWT(JSON.parse(Buffer.from(tokenPayload, 'base64url').toString()))
      .setProtectedHeader(JSON.parse(Buffer.from(tokenHeader, 'base64url').toString()))
      .sign(Buffer.from(SERVICE_TOKEN, 'utf8'));
    const read = (bearer: string) =>
      request(`${api.url}/v1/conversations/${String(genuine.body['conversationId'])}/messages`, { token: bearer });
    expect((await read(forgedToken)).body['code']).toBe('token_invalid');
    expect((await read(SERVICE_TOKEN)).body['code']).toBe('token_invalid');
    expect((await read(token)).status).toBe(200);
  });
});

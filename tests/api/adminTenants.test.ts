import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { TenantView } from '../../contracts/tenant.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { sites } from '../../db/schema/sites.ts';
import { withTenant } from '../../db/withTenant.ts';
import { type Caller, signInAs } from './access/callers.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

/** Mission S1: how late a suspension may be felt. */
const WITHIN = { timeout: 5_000, interval: 100 };

describe('the tenants of an installation', () => {
  let stack: Stack;
  let api: RunningApi;
  let operator: Caller;

  beforeAll(async () => {
    stack = await startStack();
    api = await stack.startApi();
    operator = await signInAs(stack, api.url, 'platform admin', DEFAULT_TENANT_ID);
  });
  afterAll(() => stack.stop());

  const call = (path: string, init: Parameters<typeof request>[1] = {}) =>
    request(`${api.url}/v1/admin/tenants${path}`, { headers: operator.headers, ...init });
  const post = (path: string, body?: unknown) => call(path, { method: 'POST', body });

  async function create(): Promise<TenantView> {
    const { status, body } = await post('', { slug: `t-${randomUUID()}`, name: 'Harbour Bikes' });
    expect(status).toBe(201);
    return body as unknown as TenantView;
  }

  async function addSite(tenantId: string): Promise<string> {
    const key = `site-${uuidv7()}`;
    await withTenant(stack.db, tenantId, (tx) =>
      tx.insert(sites).values({ tenantId, id: uuidv7(), key, name: 'Shop', allowedOrigins: [ORIGIN] }),
    );
    return key;
  }

  const actionsOf = async (tenantId: string) =>
    (await listAudit(stack.db, tenantId, { limit: 10 })).map(({ action }) => action);

  it('are created and shown, the creation in their own audit log', async () => {
    const tenant = await create();
    expect(tenant).toMatchObject({ name: 'Harbour Bikes', status: 'active' });
    expect((await call(`/${tenant.id}`)).body).toEqual(tenant);
    expect(await actionsOf(tenant.id)).toEqual(['tenant.created']);
    expect((await call(`/${randomUUID()}`)).body['code']).toBe('not_found');
    expect((await post('', { slug: tenant.slug.toUpperCase(), name: 'Again' })).body['code']).toBe('conflict');
    expect((await post('', { slug: 'no spaces', name: 'x' })).body['code']).toBe('invalid_request');
    expect((await post('', { slug: 'x', name: 'a\0b' })).body['code']).toBe('invalid_request');
  });

  it('are listed page by page, each once', async () => {
    const made = [await create(), await create(), await create()].map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await call(`?limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...(body['items'] as TenantView[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | null;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining([DEFAULT_TENANT_ID, ...made]));
  });

  it('are the business of whoever runs the installation alone', async () => {
    const admin = await signInAs(stack, api.url, 'admin', DEFAULT_TENANT_ID);
    const { key } = await issueKey(stack.db, DEFAULT_TENANT_ID, ['settings:write']);
    for (const who of [
      { headers: admin.headers },
      { headers: {}, token: key },
      { headers: {}, token: SERVICE_TOKEN },
    ]) {
      expect(await call('', who)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      const suspension = { ...who, method: 'POST' };
      expect((await call(`/${DEFAULT_TENANT_ID}/suspend`, suspension)).body['code']).toBe('forbidden');
    }
  });

  it('are refused everywhere within 5 s once suspended, and go on once resumed', async () => {
    const { id } = await create();
    const siteKey = await addSite(id);
    const { key } = await issueKey(stack.db, id, ['settings:read']);
    const { token, conversationId } = await openConversation(api.url, { siteKey, origin: ORIGIN });
    const config = () => request(`${api.url}/v1/webchat/config?siteKey=${siteKey}`, { origin: ORIGIN });
    const ways = {
      config,
      history: () => request(`${api.url}/v1/conversations/${conversationId}/messages`, { token, origin: ORIGIN }),
      message: () =>
        request(`${api.url}/v1/webchat/message`, {
          ...{ token, origin: ORIGIN },
          body: { clientMessageId: randomUUID(), text: 'Anybody there?' },
        }),
      admin: () => request(`${api.url}/v1/admin/sites`, { token: key }),
    };
    const { challenge } = (await config()).body as { challenge: string };

    expect((await post(`/${id}/suspend`)).body).toMatchObject({ id, status: 'suspended' });
    for (const [way, ask] of Object.entries(ways)) {
      const refusal = { way, status: 403, code: 'tenant_suspended' };
      const answer = async () => {
        const { status, body } = await ask();
        return { way, status, code: body['code'] };
      };
      await expect.poll(answer, WITHIN).toEqual(refusal);
    }
    const init = { origin: ORIGIN, body: { siteKey, challenge } };
    expect((await request(`${api.url}/v1/webchat/init`, init)).body['code']).toBe('tenant_suspended');
    // Whoever runs the installation may still look at what is suspended.
    const inside = { headers: { ...operator.headers, 'parley-tenant': id } };
    expect((await request(`${api.url}/v1/admin/sites`, inside)).status).toBe(200);

    expect((await post(`/${id}/suspend`)).status).toBe(200);
    expect((await post(`/${id}/resume`)).body).toMatchObject({ status: 'active' });
    await expect.poll(async () => (await config()).status, WITHIN).toBe(200);
    await expect.poll(async () => (await ways.admin()).status, WITHIN).toBe(200);
    const done = (await actionsOf(id)).filter((action) => action.startsWith('tenant.'));
    expect(done).toEqual(['tenant.resumed', 'tenant.suspended', 'tenant.created']);
    expect((await post(`/${randomUUID()}/suspend`)).body['code']).toBe('not_found');
  });
});

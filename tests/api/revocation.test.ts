import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { createRedisHub } from '../../channels/web/redisHub.ts';
import type { Revocation } from '../../contracts/revocation.ts';
import type { TokenResponse } from '../../contracts/webchat.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { eraseConversation } from '../../db/queries/eraseConversation.ts';
import { sites } from '../../db/schema/sites.ts';
import { tenants } from '../../db/schema/tenants.ts';
import { withTenant } from '../../db/withTenant.ts';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, request, VisitorClient } from './support/visitor.ts';

/** What is promised. */
const WITHIN_MS = 5_000;

describe('whose access has ended', () => {
  let stack: Stack;
  let api: RunningApi;
  let otherApi: RunningApi;
  /** Connected to no Redis: no announcement reaches it. */
  let deafApi: RunningApi;
  const siteUrls = () => [api.url, otherApi.url, deafApi.url];

  beforeAll(async () => {
    stack = await startStack();
    [api, otherApi, deafApi] = await Promise.all([
      stack.startApi(),
      stack.startApi(),
      stack.startApi({ REDIS_URL: undefined }),
    ]);
  });
  afterAll(() => stack.stop());

  async function announce(revocation: Revocation): Promise<void> {
    const hub = createRedisHub({ url: stack.env.REDIS_URL ?? '', prefix: stack.env.REDIS_PREFIX });
    await expect.poll(() => hub.connected).toBe(true);
    await hub.announceRevocation(revocation);
    await hub.close();
  }

  /** One socket on each instance. */
  async function joinEverywhere(conversationId: string, site = stack.site): Promise<VisitorClient[]> {
    const join = async (url: string) =>
      VisitorClient.join(url, await freshToken(url, site, conversationId), { origin: site.origin });
    return Promise.all(siteUrls().map(join));
  }

  /** All sockets, the one without Redis as well, and in time. */
  async function expectEnded(visitors: VisitorClient[], code: string, closeCode: number): Promise<void> {
    const began = Date.now();
    await Promise.all(visitors.map((visitor) => visitor.error(code)));
    expect(await Promise.all(visitors.map((visitor) => visitor.closed()))).toEqual(visitors.map(() => closeCode));
    expect(Date.now() - began).toBeLessThan(WITHIN_MS);
  }

  const refusals = async ({ token, conversationId }: TokenResponse) =>
    Promise.all(
      siteUrls().map(async (url) => {
        const { body } = await request(`${url}/v1/conversations/${conversationId}/messages`, { token });
        return body['code'];
      }),
    );
  const everywhere = (code: string) => siteUrls().map(() => code);

  it('an erased conversation: its sockets end, its tokens say conversation_not_found, others go on', async () => {
    const opened = await openConversation(api.url, stack.site);
    const { conversationId } = opened;
    const { token: othersToken } = await openConversation(api.url, stack.site);
    const visitors = await joinEverywhere(conversationId);
    const other = await VisitorClient.join(api.url, othersToken);
    const ref = { tenantId: DEFAULT_TENANT_ID, conversationId };
    await eraseConversation(stack.db, ref);
    await announce(ref);
    await expectEnded(visitors, 'conversation_not_found', 4404);
    expect(await refusals(opened)).toEqual(everywhere('conversation_not_found'));
    await other.ack(other.say('Still here'));
    other.leave();
  });

  it('an erased conversation of which no instance heard: they find out by themselves', async () => {
    const { conversationId } = await openConversation(api.url, stack.site);
    const visitors = await joinEverywhere(conversationId);
    await eraseConversation(stack.db, { tenantId: DEFAULT_TENANT_ID, conversationId });
    await expectEnded(visitors, 'conversation_not_found', 4404);
  });

  it('a session that an agent revoked, until it is restored', async () => {
    const externalSessionId = `shop-user-${randomUUID()}`;
    const opened = await openConversation(api.url, stack.site, { externalSessionId });
    const { conversationId } = opened;
    const visitors = await joinEverywhere(conversationId);
    const session = `${api.url}/v1/admin/conversations/${conversationId}/session`;
    const admin = (path: string, method = 'POST') => request(`${session}${path}`, { method, token: SERVICE_TOKEN });
    expect(await admin('/revoke')).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    await expectEnded(visitors, 'session_revoked', 4401);
    expect(await refusals(opened)).toEqual(everywhere('session_revoked'));
    await expect(freshToken(api.url, stack.site, conversationId)).rejects.toThrow('session_revoked');
    await expect(openConversation(api.url, stack.site, { externalSessionId })).rejects.toThrow('session_revoked');
    // Whoever is nobody in particular is not kept from beginning anew.
    const anew = await openConversation(api.url, stack.site, { conversationId });
    expect(anew.conversationId).not.toBe(conversationId);
    expect(await admin('/restore')).toMatchObject({ body: { revokedAt: null } });
    await expect.poll(() => refusals(opened), { timeout: WITHIN_MS }).toEqual([undefined, undefined, undefined]);
    const unknown = await request(`${api.url}/v1/admin/conversations/${randomUUID()}/session/revoke`, {
      method: 'POST',
      token: SERVICE_TOKEN,
    });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
  });

  it('a suspended tenant: every socket and every route, until it is resumed', async () => {
    const site = await createSuspendableTenant();
    const opened = await openConversation(api.url, site);
    const visitors = await joinEverywhere(opened.conversationId, site);
    await setStatus(site.tenantId, 'suspended');
    await announce({ tenantId: site.tenantId });
    await expectEnded(visitors, 'tenant_suspended', 4403);
    expect(await refusals(opened)).toEqual(everywhere('tenant_suspended'));
    const config = await request(`${api.url}/v1/webchat/config?siteKey=${site.siteKey}`, { origin: site.origin });
    expect(config).toMatchObject({ status: 403, body: { code: 'tenant_suspended' } });
    await setStatus(site.tenantId, 'active');
    await expect.poll(() => refusals(opened), { timeout: WITHIN_MS }).toEqual([undefined, undefined, undefined]);
  });

  async function createSuspendableTenant() {
    const [tenantId, siteId] = [uuidv7(), uuidv7()];
    const [siteKey, origin] = [`site-${siteId}`, `https://${siteId}.example`];
    await withTenant(stack.db, tenantId, async (tx) => {
      await tx.insert(tenants).values({ id: tenantId, slug: tenantId, name: 'Test' });
      await tx.insert(sites).values({ tenantId, id: siteId, key: siteKey, name: 'Test', allowedOrigins: [origin] });
    });
    return { tenantId, siteKey, origin };
  }

  async function setStatus(tenantId: string, status: 'active' | 'suspended'): Promise<void> {
    await withTenant(stack.db, tenantId, (tx) => tx.update(tenants).set({ status }).where(eq(tenants.id, tenantId)));
  }
});

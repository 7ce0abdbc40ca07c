import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { getSession } from '../../db/queries/getSession.ts';
import { telemetryEvents } from '../../db/schema/telemetryEvents.ts';
import { withTenant } from '../../db/withTenant.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

describe('what is kept of a visit', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  const eventsOf = (conversationId: string) =>
    withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      tx.select().from(telemetryEvents).where(eq(telemetryEvents.conversationId, conversationId)),
    );

  it('is the address, the time, and what the widget saw; the clock of the visitor is not believed far', async () => {
    const api = await stack.startApi();
    const { origin } = stack.site;
    const before = Date.now();
    const { conversationId, token } = await openConversation(api.url, stack.site);
    const events = [
      { name: 'opened', at: '2099-01-01T00:00:00Z' },
      { name: 'reconnected', at: new Date().toISOString() },
    ];
    const { status } = await request(`${api.url}/v1/webchat/events`, { origin, token, body: { events } });
    expect(status).toBe(202);
    // Nothing is lost when the instance is stopped in the same moment.
    await api.close();

    const kept = await eventsOf(conversationId);
    expect(kept.map(({ name }) => name).sort()).toEqual(['opened', 'reconnected']);
    for (const { occurredAt } of kept) expect(occurredAt.getTime()).toBeLessThanOrEqual(Date.now());
    const session = await getSession(stack.db, { tenantId: DEFAULT_TENANT_ID, conversationId });
    expect(session).toMatchObject({ ip: '127.0.0.1' });
    expect(session?.lastSeenAt?.getTime()).toBeGreaterThanOrEqual(before - 1_000);
  });

  it('is kept of everybody, whatever a proxy writes for an address', async () => {
    const api = await stack.startApi({ TRUSTED_PROXIES: 1 });
    const open = async (written: string) => {
      const { siteKey, origin } = stack.site;
      const headers = { 'x-forwarded-for': written };
      const { body: config } = await request(`${api.url}/v1/webchat/config?siteKey=${siteKey}`, { origin, headers });
      const body = { siteKey, challenge: config['challenge'] };
      return (await request(`${api.url}/v1/webchat/init`, { origin, headers, body })).body['conversationId'] as string;
    };
    const opened = [await open('unknown'), await open('203.0.113.7:49152'), await open('fe80::1%eth0')];
    await api.close();
    const sessions = await Promise.all(
      opened.map((conversationId) => getSession(stack.db, { tenantId: DEFAULT_TENANT_ID, conversationId })),
    );
    expect(sessions.map((session) => session?.ip)).toEqual([null, '203.0.113.7', 'fe80::1']);
    for (const session of sessions) expect(session?.lastSeenAt).toBeInstanceOf(Date);
  });
});

import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { createTemporalEngine } from '../../api/temporalEngine.ts';
import { createRedisHub } from '../../channels/web/redisHub.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { request } from './support/visitor.ts';
import { V1Client } from './v1Client.ts';

const WELCOME = 'Welcome back, as ever';

describe('the first contract', () => {
  let stack: Stack;
  let api: RunningApi;
  // Its own, so that it leads to this test's site among all of the default tenant.
  const origin = `https://${randomUUID()}.example`;

  beforeAll(async () => {
    stack = await startStack();
    await seedDefaults(stack.env.DATABASE_URL, {
      siteKey: `v1-${randomUUID()}`,
      allowedOrigins: [origin],
      flowDefinition: flowDefinitionSchema.parse({
        language: 1,
        name: 'Old shop',
        triggers: [{ on: 'first_message', start: 'hello' }],
        steps: { hello: { type: 'message', text: 'Hello!' } },
      }),
      documents: [],
      look: { welcome: WELCOME },
      settings: { aiEnabled: false },
    });
    api = await stack.startApi();
    await stack.startWorker();
  });
  afterAll(() => stack.stop());

  /** What the conversation's topic is to be told, its card aside. */
  const written = (conversationId: string) =>
    withTenant(stack.db, DEFAULT_TENANT_ID, (tx) =>
      tx
        .select()
        .from(outbox)
        .where(and(eq(outbox.conversationId, conversationId), eq(outbox.kind, 'message'))),
    );

  it('start makes the topic with the welcome at once, before anybody has connected', async () => {
    const client = await V1Client.start(api.url, origin);
    await expect
      .poll(async () => (await written(client.conversationId)).map(({ key }) => key), { timeout: 10_000 })
      .toEqual([expect.stringMatching(/^conv_msg_out_/)]);
    await client.connect(origin);
    await client.until((event) => event.type === 'message' && event.text === WELCOME);
    client.leave();
  });

  it('brings the four events: messages both ways, an agent who joins, a note, the end', async () => {
    const client = await V1Client.start(api.url, origin, { visitorName: 'Kim', unknown: 'to us' });
    await client.connect(origin);
    await client.until((event) => event.type === 'message' && event.text === WELCOME);
    client.say('Where is my parcel?');
    await client.until((event) => event.type === 'message' && event.text === 'Hello!');

    const ref = { tenantId: DEFAULT_TENANT_ID, conversationId: client.conversationId };
    await answerAs(ref, 'Robin', 'It is on its way');
    await client.until((event) => event.type === 'agent_joined');
    await client.until((event) => event.type === 'message' && event.agent === 'Robin');
    const hub = createRedisHub({ url: stack.env.REDIS_URL ?? '', prefix: stack.env.REDIS_PREFIX });
    await expect.poll(() => hub.connected).toBe(true);
    await hub.publish(ref, [{ type: 'info_note', key: 'delay', text: 'We are busy today' }]);
    await client.until((event) => event.type === 'info_note');
    await hub.close();
    const close = `${api.url}/v1/admin/conversations/${client.conversationId}/close`;
    await request(close, { token: SERVICE_TOKEN, body: { agent: { id: 'desk:1', name: 'Robin' } } });
    await client.until((event) => event.type === 'conversation_closed');

    expect(client.events.slice(0, 6)).toEqual([
      { type: 'message', direction: 'OUTBOUND', text: WELCOME },
      { type: 'message', direction: 'INBOUND', text: 'Where is my parcel?' },
      { type: 'message', direction: 'OUTBOUND', text: 'Hello!' },
      ...agentEvents(client),
      { type: 'info_note', key: 'delay', text: 'We are busy today' },
    ]);
    client.leave();
  });

  it('lets a client come back with the token that it has, and start find its conversation again', async () => {
    const client = await V1Client.start(api.url, origin);
    await client.connect(origin);
    await client.until(({ type }) => type === 'message');
    client.leave();
    await client.connect(origin);
    await expect.poll(() => client.events.length).toBe(2);
    client.leave();
    const again = await V1Client.start(api.url, origin, { conversationId: client.conversationId });
    expect(again.conversationId).toBe(client.conversationId);
    // One welcome, however often it starts.
    expect(await written(client.conversationId)).toHaveLength(1);
  });

  it('takes ten new conversations a minute from one address, and no foreign page', async () => {
    const strict = await stack.startApi({ LIMITS: {}, REDIS_PREFIX: `v1-${randomUUID()}` });
    const start = (from: string) =>
      request(`${strict.url}/v1/conversations/start`, { method: 'POST', origin: from, body: {} });
    expect(await start('https://evil.example')).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
    const answers: number[] = [];
    for (let count = 0; count < 11; count += 1) answers.push((await start(origin)).status);
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    const refused = await start(origin);
    expect(refused.body['code']).toBe('rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  async function answerAs(ref: { tenantId: string; conversationId: string }, name: string, text: string) {
    const { codec } = openKeys(stack.env, stack.db);
    const client = createEngineClient(
      { address: stack.env.TEMPORAL_ADDRESS, namespace: stack.env.TEMPORAL_NAMESPACE },
      codec,
    );
    await createTemporalEngine(client).signalAgentMessage(ref, {
      key: randomUUID(),
      agent: { id: 'telegram:7', name },
      text,
    });
    await client.connection.close();
  }
});

/** One turn publishes both; which comes first says nothing. */
function agentEvents({ events }: V1Client) {
  const joined = { type: 'agent_joined', agent: 'Robin' };
  const said = { type: 'message', direction: 'OUTBOUND', text: 'It is on its way', agent: 'Robin' };
  return events[3]?.type === 'agent_joined' ? [joined, said] : [said, joined];
}

import type { Client } from '@temporalio/client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import type { AuditEntry } from '../../contracts/audit.ts';
import type { WebhookAttempt, WebhookView } from '../../contracts/webhook.ts';
import { webhookWorkflowId } from '../../contracts/webhookDelivery.ts';
import { WEBHOOK_EVENT_NAMES, WEBHOOK_EVENTS, type WebhookEventName } from '../../contracts/webhookEvent.ts';
import { CONVERSATION_TASK_QUEUE } from '../../contracts/workflowId.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getWebhook } from '../../db/queries/webhooks/getWebhook.ts';
import { sites } from '../../db/schema/sites.ts';
import { webhookAttempts } from '../../db/schema/webhookAttempts.ts';
import { webhookDeliveries } from '../../db/schema/webhookDeliveries.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import type { webhookSweep } from '../../workflows/sweeps/webhookSweep.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { plainText } from '../support/plainText.ts';
import { type Received, verified, WebhookReceiver } from '../support/webhookReceiver.ts';
import { until } from '../workflow/until.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

const SAID = 'Where is my parcel, asks Ada Lovelace?';
const ALL = [...WEBHOOK_EVENT_NAMES];

type Endpoint = WebhookView & { secret: string; path: string };

describe('the webhooks of a tenant', () => {
  let stack: Stack;
  let api: RunningApi;
  let receiver: WebhookReceiver;
  let client: Client;
  let tenantId: string;
  let siteKey: string;
  let token: string;

  beforeAll(async () => {
    stack = await startStack();
    [api, receiver] = [await stack.startApi(), await WebhookReceiver.start()];
    await stack.startWorker();
    client = createEngineClient({ address: stack.env.TEMPORAL_ADDRESS, namespace: 'default' }, plainText);
  });
  afterAll(async () => {
    await client.connection.close();
    await receiver.stop();
    await stack.stop();
  });
  beforeEach(async () => {
    ({ tenantId, siteKey, token } = await someTenant());
  });

  async function someTenant() {
    const { tenantId: id, siteKey: key } = await createTenant(stack.db);
    await withTenant(stack.db, id, (tx) => tx.update(sites).set({ allowedOrigins: [ORIGIN] }));
    const { key: apiKey } = await issueKey(stack.db, id, ['settings:read', 'settings:write', 'data:erase']);
    return { tenantId: id, siteKey: key, token: apiKey };
  }

  const call = (path: string, init: Parameters<typeof request>[1] = {}) =>
    request(`${api.url}/v1/admin/webhooks${path}`, { token, ...init });

  async function endpoint(more: object = {}, by = token): Promise<Endpoint> {
    const path = `/${uuidv7()}`;
    const { status, body } = await call('', {
      token: by,
      body: { url: `${receiver.url}${path}`, events: ALL, ...more },
    });
    expect([status, body]).toEqual([201, expect.anything()]);
    return { ...(body as unknown as Endpoint), path };
  }

  /** A visitor of the site writes; returns the conversation's id. */
  async function say(key = siteKey): Promise<string> {
    const opened = await openConversation(api.url, { siteKey: key, origin: ORIGIN });
    const body = { clientMessageId: uuidv7(), text: SAID };
    const { status } = await request(`${api.url}/v1/webchat/message`, { origin: ORIGIN, token: opened.token, body });
    expect(status).toBe(202);
    return opened.conversationId;
  }

  const typesAt = ({ path }: Endpoint) =>
    receiver.at(path).map(({ body }) => (JSON.parse(body) as { type: string }).type);

  async function attemptsOf({ id }: Endpoint, query = ''): Promise<WebhookAttempt[]> {
    const { body } = await call(`/${id}/attempts${query}`);
    return (body as unknown as { items: WebhookAttempt[] }).items;
  }

  it('bring what happens to whoever knows the convention alone, without a word of what was said', async () => {
    const hook = await endpoint();
    expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const conversationId = await say();
    await until(() => typesAt(hook).includes('message.added'), 'the message');

    expect(typesAt(hook)).toContain('conversation.started');
    for (const one of receiver.at(hook.path)) {
      const event = verified(hook.secret, one) as { id: string; type: WebhookEventName };
      expect(one.headers['content-type']).toBe('application/json');
      expect(event).toMatchObject({ id: one.id, data: { tenantId, conversationId } });
      // The description says all that there is.
      expect(WEBHOOK_EVENTS[event.type].strict().parse(event)).toEqual(event);
    }
    expect(
      receiver
        .at(hook.path)
        .map(({ body }) => body)
        .join(),
    ).not.toContain('Ada');
    const [first] = receiver.at(hook.path);
    if (!first) throw new Error('Nothing came');
    expect(() => verified(hook.secret, { ...first, body: `${first.body} ` })).toThrow(/signature/);
  });

  it('bring what was said where that was asked for, and only the events that were', async () => {
    const hook = await endpoint({ events: ['message.added'], includeText: true });
    await say();
    const [said] = await receiver.settled(hook.path, 1);
    expect(said && verified(hook.secret, said)).toMatchObject({ type: 'message.added', data: { text: SAID } });
    expect(new Set(typesAt(hook))).toEqual(new Set(['message.added']));
  });

  it('are nobody else’s: another tenant gets nothing of it, and cannot see it', async () => {
    const other = await someTenant();
    const [mine, theirs] = [await endpoint(), await endpoint({}, other.token)];
    await say();
    await receiver.settled(mine.path, 2);
    await say(other.siteKey);
    await receiver.settled(theirs.path, 2);
    for (const [hook, owner] of [
      [mine, tenantId],
      [theirs, other.tenantId],
    ] as const) {
      const owners = receiver
        .at(hook.path)
        .map(({ body }) => (JSON.parse(body) as { data: { tenantId: string } }).data);
      expect(new Set(owners.map((data) => data.tenantId))).toEqual(new Set([owner]));
    }
    const foreign = await call(`/${mine.id}/attempts`, { token: other.token });
    const unknown = await call(`/${uuidv7()}/attempts`, { token: other.token });
    expect([foreign.status, foreign.body['code']]).toEqual([unknown.status, unknown.body['code']]);
  });

  it('show a secret once, keep it sealed, and sign by both while it is changed', async () => {
    const hook = await endpoint({ events: ['message.added'] });
    const shown = JSON.stringify([(await call('')).body, (await call(`/${hook.id}`)).body]);
    expect(shown).not.toContain('whsec');
    const row = await getWebhook(stack.db, tenantId, hook.id);
    expect(row?.secret.toString('latin1')).not.toContain(hook.secret.slice(6));

    const rotated = await call(`/${hook.id}/rotate-secret`, { body: {} });
    const fresh = String(rotated.body['secret']);
    expect(fresh).not.toBe(hook.secret);
    expect(rotated.body['previousSecretUntil']).toEqual(expect.any(String));
    await say();
    const [both] = await receiver.settled(hook.path, 1);
    if (!both) throw new Error('Nothing came');
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of [hook.secret, fresh]) expect(verified(secret, both)).toMatchObject({ id: both.id });

    const last = String((await call(`/${hook.id}/rotate-secret`, { body: { overlapHours: 0 } })).body['secret']);
    const before = receiver.at(hook.path).length;
    await say();
    const after = (await receiver.settled(hook.path, before + 1)).at(-1) as Received;
    expect(verified(last, after)).toMatchObject({ id: after.id });
    expect(() => verified(fresh, after)).toThrow(/signature/);
  });

  it('can be tried out: an example comes at once, with what the receiver made of it', async () => {
    const hook = await endpoint();
    for (const event of ALL) {
      const { status, body } = await call(`/${hook.id}/test`, { body: { event } });
      expect([status, body]).toEqual([200, expect.objectContaining({ event, status: 204, error: null })]);
    }
    for (const one of receiver.at(hook.path)) {
      const event = verified(hook.secret, one) as { type: WebhookEventName };
      expect(WEBHOOK_EVENTS[event.type].strict().parse(event)).toMatchObject({ data: { example: true } });
    }
    receiver.answers.set(hook.path, () => 'hang');
    receiver.answers.set(hook.path, () => ({ status: 401, body: '{"code":"invalid_signature","for":"Ada"}' }));
    expect((await call(`/${hook.id}/test`, { body: {} })).body).toMatchObject({
      ...{ status: 401, error: 'refused', answer: 'invalid_signature', conversationId: null },
    });
    expect(await attemptsOf(hook)).toHaveLength(ALL.length + 1);
  });

  it('list each attempt by pages, and send one event again, or all that failed since a moment', async () => {
    const hook = await endpoint({ events: ['message.added'] });
    const since = new Date().toISOString();
    await say();
    const [first] = await receiver.settled(hook.path, 1);
    const eventId = first?.id ?? '';
    await until(async () => (await attemptsOf(hook, `?eventId=${eventId}`)).length === 1, 'the attempt');
    expect((await call(`/${hook.id}/resend`, { body: { eventId } })).body).toEqual({ events: 1 });
    await until(async () => (await attemptsOf(hook, `?eventId=${eventId}`)).length === 2, 'the second');
    const sent = receiver.at(hook.path).filter(({ id }) => id === eventId);
    expect(sent.map(({ body }) => body)).toEqual([first?.body, first?.body]);

    const [newest] = await attemptsOf(hook, '?limit=1');
    const page = await call(`/${hook.id}/attempts?limit=1`);
    expect(page.body['nextCursor']).toBe(newest?.id);
    expect((await call(`/${hook.id}/resend`, { body: { eventId: uuidv7() } })).status).toBe(404);
    expect((await call(`/${hook.id}/resend`, { body: { failedSince: since } })).body).toEqual({ events: 0 });
  });

  it('end where the receiver says that it is gone; switched on again, it gets all that it missed', async () => {
    const hook = await endpoint({ events: ['conversation.started'] });
    const since = new Date().toISOString();
    receiver.answers.set(hook.path, () => 410);
    await say();
    await until(async () => (await call(`/${hook.id}`)).body['status'] === 'disabled', 'the end');
    expect((await call(`/${hook.id}`)).body).toMatchObject({ disabledReason: 'gone' });
    const { body: figures } = await request(`${api.url}/metrics`);
    expect(figures['text']).toMatch(/^parley_webhooks_disabled [1-9]/m);
    const entries = await listAudit(stack.db, tenantId, { limit: 10 });
    expect(entries.map(({ action, actor }: AuditEntry) => [action, actor.kind])).toContainEqual([
      ...['webhook.disabled', 'system'],
    ]);
    await say();
    const failed = () =>
      withTenant(stack.db, tenantId, async (tx) =>
        (await tx.select().from(webhookDeliveries)).filter(({ state }) => state === 'failed'),
      );
    await until(async () => (await failed()).length === 2, 'what is kept as failed');
    expect(receiver.at(hook.path)).toHaveLength(1);

    // Nothing is said to be on its way to where nothing is sent.
    for (const body of [{ failedSince: since }, { eventId: (await failed())[0]?.eventId }]) {
      const refused = await call(`/${hook.id}/resend`, { body });
      expect([refused.status, refused.body['code']]).toEqual([409, 'webhook_disabled']);
    }
    receiver.answers.delete(hook.path);
    const missed = (await failed()).map(({ eventId }) => eventId);
    expect((await call(`/${hook.id}`, { method: 'PATCH', body: { status: 'active' } })).body).toMatchObject({
      ...{ status: 'active', disabledReason: null },
    });
    const { status, body } = await call(`/${hook.id}/resend`, { body: { failedSince: since } });
    expect([status, body]).toEqual([202, { events: 2 }]);
    await receiver.settled(hook.path, 3);
    expect(
      new Set(
        receiver
          .at(hook.path)
          .slice(1)
          .map(({ id }) => id),
      ),
    ).toEqual(new Set(missed));
  });

  const sweep = () =>
    client.workflow.execute<typeof webhookSweep>('webhookSweep', {
      ...{ workflowId: `sweep-${uuidv7()}`, taskQueue: CONVERSATION_TASK_QUEUE, args: [] },
    });

  it('are found by the sweep when nobody told them what is due', async () => {
    const hook = await endpoint({ events: ['message.added'] });
    await say();
    await receiver.settled(hook.path, 1);
    await until(async () => (await attemptsOf(hook)).length > 0, 'the attempt');
    await withTenant(stack.db, tenantId, (tx) => tx.update(webhookDeliveries).set({ state: 'pending' }));
    const before = receiver.at(hook.path).length;
    await sweep();
    await receiver.settled(hook.path, before + 1);
  });

  it('are left alone by the sweep where the receiver asked for a rest', async () => {
    const hook = await endpoint({ events: ['message.added'] });
    receiver.answers.set(hook.path, () => ({ status: 429, headers: { 'retry-after': '7200' } }));
    await say();
    await until(async () => (await attemptsOf(hook)).length > 0, 'the attempt');
    const workflow = client.workflow.getHandle(webhookWorkflowId({ tenantId, endpointId: hook.id }));
    const isAsleep = async () => Boolean((await workflow.fetchHistory()).events?.at(-1)?.timerStartedEventAttributes);
    await until(isAsleep, 'the pause');
    const update = (change: string) =>
      withTenant(stack.db, tenantId, (tx) => tx.$client.query(`UPDATE webhook_${change}`));
    await update("deliveries SET next_attempt_at = now() WHERE state = 'pending'");
    // Whoever wakes it begins another run: the flow's reply may, a moment later than what it replies to, but no sweep does.
    const isLeftAlone = async () => {
      await workflow.terminate().catch(() => undefined);
      await sweep();
      return (await workflow.describe()).status.name === 'TERMINATED';
    };
    await until(isLeftAlone, 'a sweep that wakes nobody');
    receiver.answers.delete(hook.path);
    const before = receiver.at(hook.path).length;
    await update('endpoints SET hold_until = now()');
    await sweep();
    await receiver.settled(hook.path, before + 1);
  });

  it('go nowhere but to public addresses by https', async () => {
    const urls = [
      ...[
        'http://shop.example/hook',
        'https://10.0.0.1/',
        'https://169.254.169.254/latest/meta-data',
        'https://[::1]/',
      ],
      ...['https://[::ffff:10.0.0.1]/', 'https://[64:ff9b::a00:1]/', 'https://[fd00::1]/', 'https://0x7f.1.1.1/'],
      ...['https://2130706433.1/', 'ftp://shop.example/', 'https://user:secret@shop.example/', 'nonsense'],
    ];
    for (const url of urls) {
      const { status, body } = await call('', { body: { url, events: ALL } });
      expect([url, status, body['code']]).toEqual([url, 400, 'invalid_request']);
    }
    const hook = await endpoint();
    const changed = await call(`/${hook.id}`, { method: 'PATCH', body: { url: 'https://192.168.0.1/' } });
    expect(changed.status).toBe(400);
  });

  it('are no more than a turn can bear', async () => {
    for (let made = 0; made < 50; made += 1) await endpoint();
    const { status, body } = await call('', { body: { url: `${receiver.url}/`, events: ALL } });
    expect([status, body['code']]).toEqual([409, 'conflict']);
  });

  it('leave nothing behind of a conversation that is erased, nor of an endpoint that is deleted', async () => {
    const hook = await endpoint();
    const conversationId = await say();
    await until(async () => (await attemptsOf(hook)).length >= 2, 'the attempts');
    const left = () =>
      withTenant(stack.db, tenantId, async (tx) => [
        await tx.$count(webhookDeliveries),
        await tx.$count(webhookAttempts),
      ]);
    expect(Math.min(...(await left()))).toBeGreaterThan(0);
    // As an erasure does it; the whole of one has tests of its own.
    const { rows } = await withTenant(stack.db, tenantId, (tx) =>
      tx.$client.query('DELETE FROM domain_events WHERE conversation_id = $1 RETURNING id', [conversationId]),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect((await left())[0]).toBe(0);
    expect((await call(`/${hook.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await left()).toEqual([0, 0]);
    expect((await call(`/${hook.id}`)).status).toBe(404);
  });

  it('tell Temporal ids and moments alone', async () => {
    const hook = await endpoint({ includeText: true });
    await say();
    await receiver.settled(hook.path, 2);
    const handle = client.workflow.getHandle(webhookWorkflowId({ tenantId, endpointId: hook.id }));
    const history = JSON.stringify(await handle.fetchHistory(), (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : value,
    );
    expect(history).toContain(hook.id);
    for (const secret of ['Ada', hook.secret, receiver.url]) expect(history).not.toContain(secret);
  });

  it('are described in the OpenAPI document', async () => {
    const { body } = await request(`${api.url}/docs/json`);
    const { webhooks } = body as { webhooks: Record<string, { post: { parameters: { name: string }[] } }> };
    expect(Object.keys(webhooks).sort()).toEqual(ALL.toSorted());
    expect(webhooks['message.added']?.post.parameters.map(({ name }) => name)).toContain('webhook-signature');
  });

  it('write a line in the audit log for everything that is done to them', async () => {
    const hook = await endpoint();
    await call(`/${hook.id}`, { method: 'PATCH', body: { description: 'the shop' } });
    await call(`/${hook.id}/rotate-secret`, { body: {} });
    await call(`/${hook.id}/test`, { body: {} });
    await call(`/${hook.id}`, { method: 'DELETE' });
    const entries = await listAudit(stack.db, tenantId, { limit: 10 });
    expect(
      entries
        .filter(({ target }) => target === `webhook/${hook.id}`)
        .map(({ action }) => action)
        .toReversed(),
    ).toEqual([
      ...['webhook.created', 'webhook.changed', 'webhook.secret_rotated', 'webhook.tested', 'webhook.deleted'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('whsec');
  });
});

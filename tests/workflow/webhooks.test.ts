import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { and, eq, lte } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createWebhookActivities } from '../../activities/webhooks/createWebhookActivities.ts';
import { createWebhookSender } from '../../channels/webhook/sendWebhook.ts';
import type { WebhookInput } from '../../contracts/webhook.ts';
import { WEBHOOK_TASK_QUEUE, type WebhookRef, webhookWorkflowId } from '../../contracts/webhookDelivery.ts';
import { CONVERSATION_TASK_QUEUE } from '../../contracts/workflowId.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { getWebhook } from '../../db/queries/webhooks/getWebhook.ts';
import { listWebhookAttempts } from '../../db/queries/webhooks/listWebhookAttempts.ts';
import { webhookDeliveries } from '../../db/schema/webhookDeliveries.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { addSearchAttributes } from '../../temporal/ensureSearchAttributes.ts';
import { wakeWebhook } from '../../temporal/webhookWaker.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { addAdministrator } from '../db/fixtures/addAdministrator.ts';
import { createTenant, type TestTenant } from '../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY, wordsOf } from '../db/fixtures/wordsOf.ts';
import { createEndpoint, deliveryStates, recordMessages } from '../support/webhookEndpoint.ts';
import { type Answer, verified, WebhookReceiver } from '../support/webhookReceiver.ts';
import { startEnvironment } from './conversationHarness.ts';
import { until } from './until.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Instead of 15 s: time is not skipped while somebody waits for a server. */
const ANSWER_WITHIN_MS = 300;

describe('deliveries to an endpoint', () => {
  let db: Db;
  let receiver: WebhookReceiver;
  let env: TestWorkflowEnvironment;
  let workers: Worker[];
  let running: Promise<unknown>;
  /** Whether deliveries are without their database, and how often they asked for it then. */
  let broken: boolean;
  let refused: number;
  let mails: { to: string; subject: string; text: string }[];

  beforeAll(async () => {
    await migrate(inject('servers').ownerUrl);
    db = createDb(inject('servers').appUrl, { poolSize: 8 });
    receiver = await WebhookReceiver.start();
  });
  afterAll(async () => {
    await receiver.stop();
    await db.close();
  });

  // Each test its own clock: what is written now must not be days old by it.
  beforeEach(async () => {
    env = await startEnvironment();
    await addSearchAttributes(env.client);
    mails = [];
    const { nativeConnection: connection, namespace } = env;
    const { secrets } = openKeys({ MASTER_KEY: TEST_MASTER_KEY }, db);
    [broken, refused] = [false, 0];
    const activities = createWebhookActivities({
      db: { ...db, pool: breakable(db.pool) },
      words: wordsOf(db),
      open: (tenantId, sealed) => secrets.open(tenantId, sealed),
      send: createWebhookSender({ allowedHosts: ['127.0.0.1'], answerWithinMs: ANSWER_WITHIN_MS }),
      wake: (ref) => wakeWebhook(env.client, ref),
      mailer: { send: async (mail) => void mails.push(mail) },
    });
    workers = [
      await Worker.create({
        connection,
        namespace,
        taskQueue: CONVERSATION_TASK_QUEUE,
        workflowBundle: { codePath: await workflowBundle() },
      }),
      await Worker.create({ connection, namespace, taskQueue: WEBHOOK_TASK_QUEUE, activities: { ...activities } }),
    ];
    running = Promise.all(workers.map((worker) => worker.run()));
  });
  afterEach(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await env.teardown();
  });

  function breakable(pool: Db['pool']): Db['pool'] {
    return new Proxy(pool, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name !== 'connect' || !broken) return value.bind(target);
        refused += 1;
        return () => Promise.reject(new Error('The database is away'));
      },
    });
  }

  const endpoint = (tenant: TestTenant, answer: (nth: number) => Answer, more?: Partial<WebhookInput>) =>
    createEndpoint({ db, receiver }, tenant, answer, more);
  const happen = (tenant: TestTenant, count = 1) => recordMessages(db, tenant, count);
  const wake = (ref: WebhookRef) => wakeWebhook(env.client, ref);
  /** Lets so much time pass, and what was due in it be over. */
  async function pass(ref: WebhookRef, ms: number): Promise<void> {
    await env.sleep(ms);
    await until(async () => (await dueOf(ref)) === 0, 'everything that was due to be attempted', 30_000);
  }

  /** How many events are overdue by the clock of the test. */
  async function dueOf({ tenantId, endpointId }: WebhookRef): Promise<number> {
    const now = new Date(await env.currentTimeMs());
    return withTenant(db, tenantId, (tx) =>
      tx.$count(
        webhookDeliveries,
        and(
          eq(webhookDeliveries.endpointId, endpointId),
          eq(webhookDeliveries.state, 'pending'),
          lte(webhookDeliveries.nextAttemptAt, now),
        ),
      ),
    );
  }

  const attemptsOf = (ref: WebhookRef) => listWebhookAttempts(db, ref, { limit: 500 });
  const statesOf = (ref: WebhookRef) => deliveryStates(db, ref);

  it('are repeated for three days with growing pauses, each signed anew with the same id, and then given up', async () => {
    const tenant = await createTenant(db);
    const { path, secret, ref } = await endpoint(tenant, () => ({ status: 503, body: '{"code":"over_capacity"}' }));
    const [eventId] = await happen(tenant);
    await wake(ref);
    await pass(ref, 3 * DAY + HOUR);

    const requests = receiver.at(path);
    expect(requests.length).toBeGreaterThanOrEqual(16);
    expect(requests.length).toBeLessThanOrEqual(24);
    expect(new Set(requests.map(({ id }) => id))).toEqual(new Set([eventId]));
    for (const request of requests) expect(verified(secret, request)['id']).toBe(eventId);

    const attempts = (await attemptsOf(ref)).toReversed();
    expect(attempts.map(({ status, error, answer }) => [status, error, answer])).toEqual(
      requests.map(() => [503, 'server_error', 'over_capacity']),
    );
    const moments = attempts.map(({ attemptedAt }) => attemptedAt.getTime());
    const pauses = moments.slice(1).map((at, index) => at - (moments[index] ?? 0));
    expect(pauses[0]).toBeLessThan(10_000);
    expect(Math.max(...pauses)).toBeLessThan(8 * HOUR);
    const lasted = (moments.at(-1) ?? 0) - (moments[0] ?? 0);
    expect(lasted).toBeGreaterThan(2.6 * DAY);
    expect(lasted).toBeLessThan(3 * DAY + MINUTE);
    expect(await statesOf(ref)).toEqual(['failed']);
    const history = await env.client.workflow.getHandle(webhookWorkflowId(ref)).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { codePath: await workflowBundle() } }, history);
    // Three days are not yet five: the endpoint stays on.
    expect(await getWebhook(db, ref.tenantId, ref.endpointId)).toMatchObject({ status: 'active' });
  });

  it('arrive on the second day from an endpoint that was away until then, and it counts as sound again', async () => {
    const tenant = await createTenant(db);
    let back = false;
    const { path, ref } = await endpoint(tenant, () => (back ? 204 : 'close'));
    const ids = await happen(tenant, 20);
    await wake(ref);
    await env.sleep(30 * HOUR);
    expect(new Set(await statesOf(ref))).toEqual(new Set(['pending']));
    // Whoever fails always is asked by one event at a time, ever more seldom.
    const asked = receiver.at(path).length;
    expect(asked).toBeLessThan(30 * 6 + 40);

    back = true;
    await pass(ref, 8 * HOUR);
    expect(await statesOf(ref)).toEqual(ids.map(() => 'delivered'));
    expect(
      new Set(
        receiver
          .at(path)
          .slice(asked)
          .map(({ id }) => id),
      ),
    ).toEqual(new Set(ids));
    // The first that arrives brings all that wait for attempts of their own.
    const arrived = (await attemptsOf(ref))
      .filter(({ status }) => status === 204)
      .map(({ attemptedAt }) => +attemptedAt);
    expect(Math.max(...arrived) - Math.min(...arrived)).toBeLessThan(MINUTE);
    expect(await getWebhook(db, ref.tenantId, ref.endpointId)).toMatchObject({ failingSince: null, failures: 0 });
  });

  it('wait as long as the receiver asks, with all that is for it', async () => {
    const tenant = await createTenant(db);
    const throttled = { status: 429, headers: { 'retry-after': '7200' } };
    const { path, ref } = await endpoint(tenant, (nth) => (nth === 1 ? throttled : 200));
    await happen(tenant);
    await wake(ref);
    await receiver.settled(path, 1);
    await until(async () => (await attemptsOf(ref)).length === 1, 'the first attempt');
    await happen(tenant);
    await wake(ref);
    await pass(ref, 2 * HOUR + MINUTE);
    const [, second, first] = await attemptsOf(ref);
    expect(first).toMatchObject({ status: 429, error: 'throttled' });
    const waited = (second?.attemptedAt.getTime() ?? 0) - (first?.attemptedAt.getTime() ?? 0);
    expect(waited).toBeGreaterThanOrEqual(2 * HOUR);
    expect(waited).toBeLessThan(2 * HOUR + MINUTE);
    expect(await statesOf(ref)).toEqual(['delivered', 'delivered']);
  });

  it('are noted by what became of them: no answer, a redirection, a broken connection, a refusal', async () => {
    const tenant = await createTenant(db);
    const elsewhere = `/${uuidv7()}`;
    const ways: [Answer, object][] = [
      ['hang', { status: null, error: 'timeout' }],
      ['close', { status: null, error: 'connection_failed' }],
      [
        { status: 307, headers: { location: elsewhere } },
        { status: 307, error: 'redirected' },
      ],
      [
        { status: 400, body: '{"error":"Ada Lovelace is unknown"}' },
        { status: 400, error: 'refused', answer: null },
      ],
      [500, { status: 500, error: 'server_error' }],
    ];
    for (const [answer, expected] of ways) {
      const { path, ref } = await endpoint(tenant, (nth) => (nth === 1 ? answer : 204));
      await happen(tenant);
      await wake(ref);
      await receiver.settled(path, 1);
      await until(async () => (await attemptsOf(ref)).length > 0, 'the first attempt');
      await pass(ref, 10_000);
      expect((await attemptsOf(ref)).toReversed()).toMatchObject([expected, { status: 204, error: null }]);
      expect(receiver.at(path).length).toBe(2);
    }
    expect(receiver.at(elsewhere)).toEqual([]);
  });

  it('are held up by nothing that cannot be opened, which is given up with its own time', async () => {
    const tenant = await createTenant(db);
    const { path, ref } = await endpoint(tenant, () => 204, { includeText: true });
    const ids = await happen(tenant, 12);
    // As many as are sent at once, and first of all.
    await withTenant(db, ref.tenantId, async ({ $client: client }) => {
      await client.query(`UPDATE messages SET content = '\\x01ff' WHERE seq <= 9`);
    });
    await wake(ref);
    await receiver.settled(path, 3);
    expect(new Set(receiver.at(path).map(({ id }) => id))).toEqual(new Set(ids.slice(9)));
    const [later] = await happen(tenant);
    await wake(ref);
    const [, , , last] = await receiver.settled(path, 4);
    expect(last?.id).toBe(later);
    await withTenant(db, ref.tenantId, ({ $client: client }) =>
      client.query("UPDATE webhook_deliveries SET expires_at = now() + interval '15 minutes' WHERE state = 'pending'"),
    );
    await env.sleep(30 * MINUTE);
    await until(async () => !(await statesOf(ref)).includes('pending'), 'the end of the others');
    expect((await statesOf(ref)).filter((state) => state === 'failed')).toHaveLength(9);
    expect(receiver.at(path)).toHaveLength(4);
  });

  it('know the present time when the database was away for hours', async () => {
    const tenant = await createTenant(db);
    const { ref } = await endpoint(tenant, () => 204);
    await happen(tenant);
    const startedAt = await env.currentTimeMs();
    broken = true;
    await wake(ref);
    await until(() => refused > 1, 'attempts that fail');
    await env.sleep(2 * HOUR);
    broken = false;
    await env.sleep(2 * MINUTE);
    await until(async () => (await attemptsOf(ref)).length > 0, 'the attempt');
    const [attempt] = await attemptsOf(ref);
    // The server may count an attempt from the end of the one before.
    expect(attempt?.attemptedAt.getTime()).toBeGreaterThan(startedAt + 2 * HOUR - 2 * MINUTE);
  });

  it('of one tenant wait for nobody: a dead endpoint with a hundred events delays no other', async () => {
    const [tenant, other] = [await createTenant(db), await createTenant(db)];
    const dead = await endpoint(tenant, () => 'hang');
    const alive = await endpoint(other, () => 204);
    const sibling = await endpoint(tenant, () => 204);
    await happen(tenant, 100);
    await wake(dead.ref);
    await receiver.settled(dead.path, 1);
    await happen(other, 100);
    const startedAt = performance.now();
    await Promise.all([wake(alive.ref), wake(sibling.ref)]);
    await Promise.all([receiver.settled(alive.path, 100), receiver.settled(sibling.path, 100)]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    // At most eight at once, and one by one when these failed.
    expect(receiver.at(dead.path).length).toBeLessThan(100);
    await env.client.workflow.getHandle(webhookWorkflowId(dead.ref)).terminate();
  });

  it('end when an endpoint has failed for five days: it is disabled, its administrators are told, and all is kept as failed', async () => {
    const tenant = await createTenant(db);
    const address = await addAdministrator(db, tenant.tenantId);
    const { ref } = await endpoint(tenant, () => 500);
    await happen(tenant, 3);
    await wake(ref);
    await pass(ref, 3 * DAY + HOUR);
    expect(await statesOf(ref)).toEqual(['failed', 'failed', 'failed']);
    expect(mails).toEqual([]);

    // What happens on the fourth day by the test's clock has its own three days.
    await happen(tenant);
    await withTenant(db, ref.tenantId, (tx) =>
      tx.$client.query(`UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at + interval '3 days',
        expires_at = expires_at + interval '3 days 1 hour' WHERE state = 'pending'`),
    );
    await wake(ref);
    await env.sleep(DAY);
    expect(await getWebhook(db, ref.tenantId, ref.endpointId)).toMatchObject({
      status: 'active',
      disabledReason: null,
    });
    await env.sleep(DAY + 8 * HOUR);
    await until(async () => mails.length > 0, 'the notice');
    expect(await getWebhook(db, ref.tenantId, ref.endpointId)).toMatchObject({
      ...{ status: 'disabled', disabledReason: 'failing' },
    });
    expect(mails).toMatchObject([
      { to: address, subject: `Parley no longer sends events to ${new URL(receiver.url).host}` },
    ]);
    const [entry] = await listAudit(db, ref.tenantId, { limit: 1 });
    expect(entry).toMatchObject({
      ...{ actor: { kind: 'system' }, action: 'webhook.disabled', target: `webhook/${ref.endpointId}` },
      data: { reason: 'failing' },
    });
    await happen(tenant);
    expect(await statesOf(ref)).toEqual(Array.from({ length: 5 }, () => 'failed'));
  });
});

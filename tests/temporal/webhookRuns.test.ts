import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createWebhookActivities } from '../../activities/webhooks/createWebhookActivities.ts';
import { createWebhookSender } from '../../channels/webhook/sendWebhook.ts';
import { webhookWorkflowId } from '../../contracts/webhookDelivery.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { listWebhookAttempts } from '../../db/queries/webhooks/listWebhookAttempts.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { wakeWebhook } from '../../temporal/webhookWaker.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY, wordsOf } from '../db/fixtures/wordsOf.ts';
import { createEndpoint, deliveryStates, recordMessages } from '../support/webhookEndpoint.ts';
import { WebhookReceiver } from '../support/webhookReceiver.ts';
import { Recorders } from '../workflow/recorder.ts';
import { until } from '../workflow/until.ts';
import { startEngine, type TestEngine } from './startEngine.ts';

let db: Db;
let receiver: WebhookReceiver;
let engine: TestEngine;

beforeAll(async () => {
  await migrate(inject('servers').ownerUrl);
  db = createDb(inject('servers').appUrl, { poolSize: 8 });
  receiver = await WebhookReceiver.start();
  const { secrets } = openKeys({ MASTER_KEY: TEST_MASTER_KEY }, db);
  engine = await startEngine({
    ...new Recorders(),
    webhooks: createWebhookActivities({
      db,
      words: wordsOf(db),
      open: (tenantId, sealed) => secrets.open(tenantId, sealed),
      send: createWebhookSender({ allowedHosts: ['127.0.0.1'] }),
      wake: (ref) => wakeWebhook(engine.client, ref),
    }),
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 40 },
  });
});
afterAll(async () => {
  await engine.stop();
  await receiver.stop();
  await db.close();
});

test('an endpoint that fails over many runs, and is woken all the time, gets every event once it is back, and once', async () => {
  const tenant = await createTenant(db);
  let back = false;
  const { path, ref } = await createEndpoint({ db, receiver }, tenant, () => (back ? 204 : 503));
  const waking = () => wakeWebhook(engine.client, ref);
  const workflow = engine.client.workflow.getHandle(webhookWorkflowId(ref));
  const events = await recordMessages(db, tenant, 3);
  await waking();
  const runs = new Set<string>();
  await until(async () => {
    await Promise.all([waking(), waking()]);
    runs.add((await workflow.describe()).runId);
    return runs.size === 4;
  }, 'the fourth run');
  const [first = ''] = runs;
  const { status } = await engine.client.workflow.getHandle(webhookWorkflowId(ref), first).describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  // What failed has its pause, whatever run it began in and however often somebody wakes.
  expect(receiver.at(path).map(({ id }) => id)).toEqual(expect.arrayContaining(events));
  expect(receiver.at(path).length).toBeLessThanOrEqual(2 * events.length);

  back = true;
  const failed = receiver.at(path).length;
  events.push(...(await recordMessages(db, tenant, 2)));
  await until(
    async () => {
      await waking();
      return (await deliveryStates(db, ref)).every((state) => state === 'delivered');
    },
    'all that waited',
    30_000,
  );
  expect(await deliveryStates(db, ref)).toHaveLength(events.length);
  const taken = receiver.at(path).slice(failed);
  expect(taken.map(({ id }) => id).toSorted()).toEqual(events.toSorted());
  const attempts = await listWebhookAttempts(db, ref, { limit: 100 });
  expect(attempts.filter(({ error }) => error === null)).toHaveLength(events.length);
  await until(async () => (await workflow.describe()).status.name === 'COMPLETED', 'the end');
}, 60_000);

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { sites } from '../../db/schema/sites.ts';
import { webhookDeliveries } from '../../db/schema/webhookDeliveries.ts';
import { withTenant } from '../../db/withTenant.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { TEST_MASTER_KEY } from '../db/fixtures/wordsOf.ts';
import { Program } from '../support/program.ts';
import { verified, WebhookReceiver } from '../support/webhookReceiver.ts';
import { until } from '../workflow/until.ts';
import { issueKey } from './support/issueKey.ts';
import { ORIGIN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

/** The killed worker is missed after 10 s without a heartbeat. */
const AGAIN_WITHIN_MS = 40_000;

let stack: Stack;
let api: RunningApi;
let receiver: WebhookReceiver;
let worker: Program;

beforeAll(async () => {
  stack = await startStack();
  [api, receiver, worker] = [await stack.startApi(), await WebhookReceiver.start(), await startWorkerProcess()];
});
afterAll(async () => {
  await worker?.discard();
  await receiver.stop();
  await stack.stop();
});

/** `npm run worker`, once it takes tasks. */
async function startWorkerProcess(): Promise<Program> {
  const { DATABASE_URL, REDIS_URL = '', REDIS_PREFIX, TEMPORAL_ADDRESS, CONVERSATION_JWT_SECRET } = stack.env;
  const program = Program.node('worker/main.ts', {
    ...{ NODE_ENV: 'test', DATABASE_URL, REDIS_URL, REDIS_PREFIX, TEMPORAL_ADDRESS, CONVERSATION_JWT_SECRET },
    MASTER_KEY: TEST_MASTER_KEY,
  });
  await program.says(/the worker polls/);
  return program;
}

it('kill -9 of the worker in the middle of deliveries loses none, and what is sent again has the same id', async () => {
  const { tenantId, siteKey } = await createTenant(stack.db);
  await withTenant(stack.db, tenantId, (tx) => tx.update(sites).set({ allowedOrigins: [ORIGIN] }));
  const { key: token } = await issueKey(stack.db, tenantId, ['settings:write']);
  const path = `/${uuidv7()}`;
  let alive = true;
  receiver.answers.set(path, (nth) => (alive && nth > 3 ? 'hang' : 204));
  const created = await request(`${api.url}/v1/admin/webhooks`, {
    ...{ token, body: { url: `${receiver.url}${path}`, events: ['conversation.started', 'message.added'] } },
  });
  const secret = String(created.body['secret']);

  for (let visitors = 0; visitors < 4; visitors += 1) {
    const opened = await openConversation(api.url, { siteKey, origin: ORIGIN });
    const body = { clientMessageId: uuidv7(), text: 'Hello' };
    await request(`${api.url}/v1/webchat/message`, { origin: ORIGIN, token: opened.token, body });
  }
  await receiver.settled(path, 6, AGAIN_WITHIN_MS);
  worker.kill('SIGKILL');
  await worker.ended;
  alive = false;
  const before = receiver.at(path).length;
  worker = await startWorkerProcess();

  const deliveries = () => withTenant(stack.db, tenantId, (tx) => tx.select().from(webhookDeliveries));
  const isOver = async () => {
    const rows = await deliveries();
    return rows.length >= 8 && rows.every(({ state }) => state === 'delivered');
  };
  await until(isOver, 'everything to arrive', AGAIN_WITHIN_MS);
  const ids = new Set((await deliveries()).map(({ eventId }) => eventId));
  const received = receiver.at(path);
  expect(new Set(received.map(({ id }) => id))).toEqual(ids);
  for (const one of received) expect(verified(secret, one)).toMatchObject({ id: one.id });
  // What hung when the worker died came again.
  const hung = received.slice(3, before).map(({ id }) => id);
  const again = new Set(received.slice(before).map(({ id }) => id));
  expect(hung.filter((id) => !again.has(id))).toEqual([]);
}, 120_000);

import { v7 as uuidv7 } from 'uuid';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { makeWebhookSecret } from '../../channels/webhook/webhookSecret.ts';
import type { WebhookInput } from '../../contracts/webhook.ts';
import type { WebhookRef } from '../../contracts/webhookDelivery.ts';
import type { Db } from '../../db/createDb.ts';
import { createWebhook } from '../../db/queries/webhooks/createWebhook.ts';
import { webhookDeliveries } from '../../db/schema/webhookDeliveries.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import type { TestTenant } from '../db/fixtures/createTenant.ts';
import { turnOf, visitorSays } from '../db/fixtures/turns.ts';
import { TEST_MASTER_KEY, wordsOf } from '../db/fixtures/wordsOf.ts';
import type { Answer, WebhookReceiver } from './webhookReceiver.ts';

const BY = { actor: { kind: 'system', id: null } } as const;

/** An endpoint at a path of its own, which answers the nth request so. */
export async function createEndpoint(
  { db, receiver }: { db: Db; receiver: WebhookReceiver },
  { tenantId }: TestTenant,
  answer: (nth: number) => Answer | Promise<Answer>,
  more: Partial<WebhookInput> = {},
) {
  const path = `/${uuidv7()}`;
  receiver.answers.set(path, answer);
  const secret = makeWebhookSecret();
  const sealed = await openKeys({ MASTER_KEY: TEST_MASTER_KEY }, db).secrets.seal(tenantId, secret);
  const fields = { url: `${receiver.url}${path}`, description: '', includeText: false, secret: sealed };
  const { id: endpointId } = await createWebhook(db, tenantId, { ...fields, events: ['message.added'], ...more }, BY);
  return { path, secret, ref: { tenantId, endpointId } };
}

/** A turn with so many messages, each of them an event. Returns the events' ids. */
export async function recordMessages(db: Db, tenant: TestTenant, count: number): Promise<string[]> {
  const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
  const messages = Array.from({ length: count }, () => visitorSays('Where is my parcel?'));
  const events = messages.map(({ id }) => ({
    id: uuidv7(),
    name: 'message.added' as const,
    occurredAt: Date.now(),
    data: { messageId: id, direction: 'INBOUND', author: 'visitor' },
  }));
  await recordTurn(turnOf(tenant, uuidv7(), { messages, events }));
  return events.map(({ id }) => id);
}

/** The state of each delivery to the endpoint. */
export async function deliveryStates(db: Db, { tenantId, endpointId }: WebhookRef) {
  const rows = await withTenant(db, tenantId, (tx) => tx.select().from(webhookDeliveries));
  return rows.filter((row) => row.endpointId === endpointId).map(({ state }) => state);
}

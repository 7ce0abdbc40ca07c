import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { createRecordActivities } from '../../../activities/recordTurn.ts';
import type { Db } from '../../../db/createDb.ts';
import { insertSession } from '../../../db/queries/insertSession.ts';
import { aiAgents } from '../../../db/schema/aiAgents.ts';
import { files } from '../../../db/schema/files.ts';
import { portalConversations } from '../../../db/schema/portalConversations.ts';
import { telegramTopics } from '../../../db/schema/telegramTopics.ts';
import { telemetryEvents } from '../../../db/schema/telemetryEvents.ts';
import { topicDeliveries } from '../../../db/schema/topicDeliveries.ts';
import { webhookAttempts } from '../../../db/schema/webhookAttempts.ts';
import { webhookDeliveries } from '../../../db/schema/webhookDeliveries.ts';
import { webhookEndpoints } from '../../../db/schema/webhookEndpoints.ts';
import { withTenant } from '../../../db/withTenant.ts';
import type { TestTenant } from '../../db/fixtures/createTenant.ts';
import { turnOf, visitorSays } from '../../db/fixtures/turns.ts';
import { wordsOf } from '../../db/fixtures/wordsOf.ts';

/** A visitor with a row in every table that may hold one; `name` is in each text that people wrote. Returns the conversation's id. */
export async function fillVisitor(
  db: Db,
  tenant: TestTenant,
  { name, verifiedUserId, threadId = 7 }: { name: string; verifiedUserId?: string; threadId?: number },
): Promise<string> {
  const { tenantId, siteId } = tenant;
  const [conversationId, eventId] = [uuidv7(), uuidv7()];
  await insertSession(db, { tenantId, siteId, conversationId, verifiedUserId, visitorName: name, source: {} });
  const message = visitorSays(`${name} asks`);
  const words = wordsOf(db);
  const fileName = await words.files.seal(tenantId, `${name}.txt`);
  const { recordTurn } = createRecordActivities({ db, words, hub: { publish: async () => {} } });
  await recordTurn(
    turnOf(tenant, conversationId, {
      messages: [message],
      notes: [{ id: uuidv7(), agent: { id: 'telegram:1', name: 'Agent' }, text: `${name} is noted`, createdAt: 1 }],
      events: [{ id: eventId, name: 'conversation.started', occurredAt: 1, data: {} }],
      outbox: [{ key: message.id, priority: 1, effect: { kind: 'rename', title: `${name} is titled` } }],
    }),
  );
  await withTenant(db, tenantId, async (tx) => {
    const ref = { tenantId, conversationId };
    await tx.insert(telegramTopics).values({ ...ref, chatId: '-100', threadId, botId: '1' });
    await tx.insert(topicDeliveries).values({ ...ref, title: name });
    const event = { ...ref, id: uuidv7(), siteId, name: 'opened', occurredAt: new Date() };
    await tx.insert(telemetryEvents).values(event);
    const agentId = uuidv7();
    await tx.insert(aiAgents).values({ tenantId, id: agentId, slug: agentId, name: 'Ada', instructions: 'Help.' });
    const endpoint = { tenantId, id: uuidv7(), url: 'https://hooks.example/', secret: randomBytes(8) };
    await tx.insert(webhookEndpoints).values({ ...endpoint, events: ['message.added'] });
    const sent = { ...ref, endpointId: endpoint.id, eventId };
    await tx.insert(webhookDeliveries).values(sent);
    const attempt = { ...sent, id: uuidv7(), event: 'conversation.started', durationMs: 1 } as const;
    await tx.insert(webhookAttempts).values({ ...attempt, attemptedAt: new Date() });
    await tx.insert(files).values({ ...ref, id: uuidv7(), name: fileName, size: 1 });
    await tx.insert(portalConversations).values({ ...ref, agentId, userId: `user-of-${conversationId}` });
  });
  return conversationId;
}

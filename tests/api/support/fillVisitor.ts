import { v7 as uuidv7 } from 'uuid';
import { createRecordActivities } from '../../../activities/recordTurn.ts';
import type { Db } from '../../../db/createDb.ts';
import { insertSession } from '../../../db/queries/insertSession.ts';
import { aiAgents } from '../../../db/schema/aiAgents.ts';
import { portalConversations } from '../../../db/schema/portalConversations.ts';
import { telegramTopics } from '../../../db/schema/telegramTopics.ts';
import { telemetryEvents } from '../../../db/schema/telemetryEvents.ts';
import { topicDeliveries } from '../../../db/schema/topicDeliveries.ts';
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
  const conversationId = uuidv7();
  await insertSession(db, { tenantId, siteId, conversationId, verifiedUserId, visitorName: name, source: {} });
  const message = visitorSays(`${name} asks`);
  const { recordTurn } = createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } });
  await recordTurn(
    turnOf(tenant, conversationId, {
      messages: [message],
      notes: [{ id: uuidv7(), agent: { id: 'telegram:1', name: 'Agent' }, text: `${name} is noted`, createdAt: 1 }],
      events: [{ id: uuidv7(), name: 'conversation.started', occurredAt: 1, data: {} }],
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
    await tx.insert(portalConversations).values({ ...ref, agentId, userId: `user-of-${conversationId}` });
  });
  return conversationId;
}

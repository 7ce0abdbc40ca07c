import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { eq } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createLifecycleActivities } from '../../activities/lifecycle.ts';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import type { TopicPort } from '../../activities/topicPort.ts';
import type { ServerFrame } from '../../contracts/frames.ts';
import { createDb, type Db } from '../../db/createDb.ts';
import { DatabaseError } from '../../db/databaseError.ts';
import { migrate } from '../../db/migrate.ts';
import { findConversationByTopic } from '../../db/queries/findConversationByTopic.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import { conversationNotes } from '../../db/schema/conversationNotes.ts';
import { conversations } from '../../db/schema/conversations.ts';
import { domainEvents } from '../../db/schema/domainEvents.ts';
import { files } from '../../db/schema/files.ts';
import { messages } from '../../db/schema/messages.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { sessions } from '../../db/schema/sessions.ts';
import { telegramTopics } from '../../db/schema/telegramTopics.ts';
import { withTenant } from '../../db/withTenant.ts';
import { memoryFiles } from '../support/memoryFiles.ts';
import { createTenant, type TestTenant } from './fixtures/createTenant.ts';
import { keepFile } from './fixtures/keepFile.ts';
import { turnOf, visitorSays } from './fixtures/turns.ts';
import { wordsOf } from './fixtures/wordsOf.ts';

const HELD_BY_CONVERSATION = [messages, conversationNotes, domainEvents, outbox, telegramTopics, sessions, files];

/** Nobody listens. */
const announceRevocation = async () => {};

describe('createLifecycleActivities', () => {
  let db: Db;
  let tenant: TestTenant;
  const storage = memoryFiles();
  let lastThread = 100;
  const uniqueThread = () => ++lastThread;
  const inAttempt = (attempt: number) =>
    new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });

  beforeAll(async () => {
    const { ownerUrl, appUrl } = inject('servers');
    await migrate(ownerUrl);
    db = createDb(appUrl, { poolSize: 2 });
    tenant = await createTenant(db);
  });

  afterAll(() => db.close());

  /** A conversation with a row in every table that may hold one. */
  async function openConversation(threadId: number): Promise<string> {
    const { tenantId, siteId } = tenant;
    const conversationId = uuidV7();
    const message = visitorSays('Please forget me');
    await insertSession(db, { tenantId, siteId, conversationId, source: {} });
    await createRecordActivities({ db, words: wordsOf(db), hub: { publish: async () => {} } }).recordTurn(
      turnOf(tenant, conversationId, {
        messages: [message],
        notes: [{ id: uuidV7(), agent: { id: 'telegram:1', name: 'Agent' }, text: 'note', createdAt: 1 }],
        events: [{ id: uuidV7(), name: 'conversation.started', occurredAt: 1, data: {} }],
        outbox: [{ key: `m${message.id}`, priority: 1, effect: { kind: 'message', messageId: message.id } }],
      }),
    );
    const topic = { tenantId, conversationId, chatId: '-100', threadId, botId: '1' };
    await withTenant(db, tenantId, (tx) => tx.insert(telegramTopics).values(topic));
    await keepFile(db, storage, { tenantId, conversationId });
    return conversationId;
  }

  function countRows(conversationId: string): Promise<number[]> {
    return withTenant(db, tenant.tenantId, async (tx) => {
      const counts = [await tx.$count(conversations, eq(conversations.id, conversationId))];
      for (const table of HELD_BY_CONVERSATION) {
        counts.push(await tx.$count(table, eq(table.conversationId, conversationId)));
      }
      return counts;
    });
  }

  const lifecycle = (deleteTopic: TopicPort['deleteTopic']) =>
    createLifecycleActivities({
      db,
      hub: { publish: async () => {}, announceRevocation },
      topics: { deleteTopic },
      storage,
    });

  it('purgeConversation deletes every row of the one conversation, after its topic', async () => {
    const [erased, kept] = [await openConversation(11), await openConversation(12)];
    expect(await countRows(erased)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    let address: string | undefined;
    const { purgeConversation } = lifecycle(async ({ tenantId }) => {
      address = await findConversationByTopic(db, tenantId, { chatId: '-100', threadId: 11 });
      return 'deleted';
    });
    await purgeConversation({ tenantId: tenant.tenantId, conversationId: erased });

    expect(address).toBe(erased);
    const bytes = storage.keys().filter((key) => key.includes(erased) || key.includes(kept));
    expect(bytes).toEqual([expect.stringContaining(kept)]);
    expect(await countRows(erased)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(await countRows(kept)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it.each([
    ['at once when its topic can never be deleted', 1, async () => 'failed:rights_missing' as const],
    ['in the end when Telegram stays away', 10, () => Promise.reject(new Error('Telegram is gone'))],
  ])('purgeConversation erases %s, and may be repeated', async (_when, attempt, deleteTopic) => {
    const ref = { tenantId: tenant.tenantId, conversationId: await openConversation(uniqueThread()) };
    const { purgeConversation } = lifecycle(deleteTopic);
    for (let times = 0; times < 2; times += 1) {
      await inAttempt(attempt).run(purgeConversation, ref);
    }
    expect(await countRows(ref.conversationId)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ['Telegram does not answer', 1, new Error('Telegram is gone')],
    ["the topic's address cannot be read", 10, new DatabaseError('database_unavailable')],
  ])('purgeConversation keeps the address of the topic and comes again while %s', async (_when, attempt, error) => {
    const ref = { tenantId: tenant.tenantId, conversationId: await openConversation(uniqueThread()) };
    const { purgeConversation } = lifecycle(() => Promise.reject(error));
    await expect(inAttempt(attempt).run(purgeConversation, ref)).rejects.toBe(error);
    expect(await countRows(ref.conversationId)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('publishFrames hands frames to the hub and does not fail with it', async () => {
    const frame: ServerFrame = { type: 'message_discard', draftId: uuidV7() };
    const published: unknown[] = [];
    const hub = {
      publish: async (...call: unknown[]) => {
        published.push(call);
        throw new Error('Redis is gone');
      },
      announceRevocation,
    };
    const { publishFrames } = createLifecycleActivities({
      db,
      hub,
      topics: { deleteTopic: async () => 'none' },
      storage,
    });
    const ref = { tenantId: tenant.tenantId, conversationId: uuidV7() };
    await publishFrames({ ...ref, frames: [frame] });
    expect(published).toEqual([[ref, [frame]]]);
  });
});

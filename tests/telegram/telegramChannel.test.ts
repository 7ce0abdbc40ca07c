import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createTopicPort } from '../../activities/delivery/createTopicPort.ts';
import { ensureDefaultTelegram } from '../../activities/delivery/ensureDefaultTelegram.ts';
import { createTelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { createMemorySlots } from '../../channels/telegram/slots/createMemorySlots.ts';
import { type ConversationRef, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { migrate } from '../../db/migrate.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { listTelegramTenants } from '../../db/queries/listTelegramTenants.ts';
import { BOT_TOKEN, createDesk, type Desk } from './fixtures/createDesk.ts';

const seal = async (tenantId: string, plaintext: string) => Buffer.from(`${tenantId}|${plaintext}`);

describe('the Telegram channel of a tenant', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  beforeEach(async () => {
    desk = await createDesk(inject('servers').appUrl);
  });
  afterEach(() => desk.close());

  it("takes the first tenant's from the environment, sealed, and replaces what an earlier environment named", async () => {
    const webhookSecret = `secret-${desk.tenantId}`;
    const groupId = String(desk.groupId - 1);
    const settings = { botToken: BOT_TOKEN, groupId, webhookSecret, headerSecret: 'header-secret' };
    await ensureDefaultTelegram(
      { db: desk.db, seal },
      { ...settings, groupId: `${groupId}0`, webhookSecret: undefined },
    );
    await ensureDefaultTelegram({ db: desk.db, seal }, settings);
    await ensureDefaultTelegram({ db: desk.db, seal }, settings);

    const connections = await listChannelConnections(desk.db, DEFAULT_TENANT_ID, 'telegram');
    expect(connections).toMatchObject([{ channelId: groupId }]);
    const sealed = `${DEFAULT_TENANT_ID}|${JSON.stringify({ botTokens: [BOT_TOKEN], headerSecret: 'header-secret' })}`;
    expect(connections[0]?.secrets?.toString()).toBe(sealed);
    const hash = createHash('sha256').update(webhookSecret).digest();
    expect(await findChannelByWebhook(desk.db, hash)).toMatchObject({ tenantId: DEFAULT_TENANT_ID });
  });

  it('is found by who polls, without a tenant', async () => {
    expect(await listTelegramTenants(desk.db)).toContain(desk.tenantId);
    const outOfReach = createDb('postgres://nobody:secret@127.0.0.1:1/nowhere', { poolSize: 1 });
    await expect(listTelegramTenants(outOfReach)).rejects.toMatchObject({ code: 'database_unavailable' });
    await outOfReach.close();
  });

  it('is remembered while the database is down', async () => {
    let down = false;
    const directory = createTelegramDirectory({
      listConnections: (tenantId) =>
        down ? Promise.reject(new Error('down')) : listChannelConnections(desk.db, tenantId, 'telegram'),
      open: async (_tenantId, sealed) => sealed.toString(),
      apiRoot: desk.emulator.url,
      ttlMs: 0,
    });
    expect(await directory.connectionsOf(desk.tenantId)).toHaveLength(1);
    down = true;
    expect(await directory.connectionsOf(desk.tenantId)).toHaveLength(1);
    directory.forget(desk.tenantId);
    await expect(directory.connectionsOf(desk.tenantId)).rejects.toThrow('down');
  });

  /** Asks the port as an attempt of an activity does. */
  async function deleteTopic(ref: ConversationRef, slots = desk.slots) {
    const topics = createTopicPort({ db: desk.db, telegram: desk.telegram, slots });
    const attempt = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return { outcome: await attempt.run(() => topics.deleteTopic(ref)).catch((error: unknown) => ({ error })) };
  }

  it('deletes the topic of an erased conversation, and says when there is none', async () => {
    const chat = desk.conversation();
    await chat.says('one');
    expect(await deleteTopic(chat.ref)).toEqual({ outcome: 'none' });
    await chat.drain();
    expect(await deleteTopic(chat.ref)).toEqual({ outcome: 'deleted' });
    expect(await desk.emulator.listTopics()).toEqual([]);
    expect(await deleteTopic(chat.ref)).toEqual({ outcome: 'deleted' });
  });

  it('wants to delete a topic later when Telegram cannot now, and never when it may not', async () => {
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const method = 'deleteForumTopic';
    await desk.emulator.injectFault({ kind: 'retryAfter', method, seconds: 7 });
    const later = { type: 'TelegramThrottled', nextRetryDelay: 7_000 };
    expect(await deleteTopic(chat.ref)).toMatchObject({ outcome: { error: later } });
    await chat.says('two');
    // Deliveries to the group rest as well.
    expect(await chat.deliver()).toMatchObject({ kind: 'wait' });
  });

  it('tells what can never be done from what may be done later', async () => {
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const method = 'deleteForumTopic';
    await desk.emulator.injectFault({ kind: 'serverError', method, code: 502, body: 'html' });
    expect(await deleteTopic(chat.ref)).toMatchObject({ outcome: { error: { type: 'TelegramUnavailable' } } });
    await desk.emulator.injectFault({ kind: 'refuse', method, description: 'Bad Request: not enough rights' });
    expect(await deleteTopic(chat.ref)).toEqual({ outcome: 'failed:rights_missing' });
  });

  it('waits for its turn at the budget to delete a topic', async () => {
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    let now = 0;
    const limits = { group: [{ count: 1, windowMs: 60_000 }], botPerSecond: 30, lateMs: 1_000, looksRestMs: 0 };
    const budget = createMemorySlots(limits, () => now);
    const other = { botIds: ['4711'], chatId: String(desk.groupId), wanted: 1, since: 0 } as const;
    await budget.reserve({ ...other, owner: 'another topic', priority: 1, scope: 'messages' });
    const inAMinute = { type: 'TelegramSlot', nextRetryDelay: 60_000 };
    expect(await deleteTopic(chat.ref, budget)).toMatchObject({ outcome: { error: inAMinute } });
    now = 60_000;
    expect(await deleteTopic(chat.ref, budget)).toEqual({ outcome: 'deleted' });
  });

  it('does not hold back texts because a topic may not be renamed', async () => {
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const description = 'Bad Request: not enough rights to edit the topic';
    await desk.emulator.injectFault({ kind: 'refuse', method: 'editForumTopic', description });
    await chat.effect({ kind: 'rename', title: 'New' });
    await chat.says('two');
    await chat.drain();
    expect(await chat.states()).toEqual(['sent', 'failed', 'sent']);
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: two']);
  });
});

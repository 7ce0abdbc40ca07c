import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { createDesk, type Desk, type DeskOptions } from './fixtures/createDesk.ts';

describe('a topic or a channel that breaks', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  const open = async (options?: DeskOptions) => {
    desk = await createDesk(inject('servers').appUrl, options);
    return desk;
  };

  it('makes a deleted topic anew, with a summary, and loses nothing', async () => {
    await open();
    const chat = desk.conversation({ visitorName: 'Noor' });
    await chat.says('one');
    await chat.drain();
    const [topic] = await desk.emulator.listTopics();
    await desk.emulator.deleteTopic({ threadId: topic?.threadId ?? 0 });
    await chat.says('two');
    await chat.says('three');
    await chat.drain();
    expect(await desk.texts()).toEqual([
      '♻️ The earlier topic of this conversation was deleted. Noor · 3 messages so far\n🧑 Noor: two\nthree',
    ]);
  });

  it('reopens a topic that was closed by hand when Telegram refuses to write there', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const threadId = (await desk.emulator.listTopics())[0]?.threadId ?? 0;
    await desk.emulator.closeTopic({ threadId });
    await desk.emulator.injectFault({
      kind: 'refuse',
      method: 'sendMessage',
      description: 'Bad Request: TOPIC_CLOSED',
    });
    await chat.says('two');
    await chat.drain();
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: two']);
    expect(await desk.emulator.listTopics()).toMatchObject([{ closed: false }]);
  });

  it.each([
    ['kicked', 'kicked'],
    ['rights', 'rights_missing'],
    ['forum', 'not_a_forum'],
    ['token', 'token_revoked'],
  ] as const)(
    'parks when the channel is broken (%s) and delivers in order once it is repaired',
    async (damage, reason) => {
      await open();
      const botId = 4711;
      const chat = desk.conversation();
      if (damage === 'kicked') await desk.emulator.kick({ userId: botId });
      if (damage === 'rights') await desk.emulator.setRights({ userId: botId, rights: { can_manage_topics: false } });
      if (damage === 'forum') await desk.emulator.setForum({ isForum: false });
      if (damage === 'token') await desk.emulator.revokeToken({ botId });
      await chat.says('one');
      expect(await chat.deliver()).toEqual({ kind: 'parked', reason, retryMs: 60_000 });
      expect(await chat.states()).toEqual(['parked']);
      expect(desk.logs).toMatchObject([{ level: 'error', fields: { reason } }]);
      await chat.says('two');

      if (damage === 'kicked') await desk.emulator.addMember({ userId: botId });
      if (damage === 'rights') await desk.emulator.setRights({ userId: botId, rights: { can_manage_topics: true } });
      if (damage === 'forum') await desk.emulator.setForum({ isForum: true });
      if (damage === 'token') await desk.emulator.setToken({ botId, token: '4711:AAtest-token-of-the-first-bot' });
      expect(await chat.deliver()).toMatchObject({ kind: 'parked', reason });
      await chat.drain({ repaired: true });
      expect(await desk.texts()).toEqual(['🧑 Visitor: one\ntwo']);
      expect(await chat.states()).toEqual(['sent', 'sent']);
    },
  );

  it('follows a group that was upgraded', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const newGroupId = -1_002_000_000_002;
    await desk.emulator.upgradeGroup({ newGroupId });
    await chat.says('two');
    await chat.drain();
    expect((await desk.texts(undefined, newGroupId)).at(-1)).toContain('🧑 Visitor: two');
    expect(await desk.telegram.connectionsOf(desk.tenantId)).toMatchObject([{ chatId: String(newGroupId) }]);
  });

  it('parks what is for an upgraded group that another tenant has, and delivers it once that one lets go', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const newGroupId = desk.groupId * 10;
    const { tenantId } = await createTenant(desk.db);
    const theirs = { tenantId, id: crypto.randomUUID(), type: 'telegram', channelId: String(newGroupId) } as const;
    await saveChannelConnection(desk.db, theirs);
    await desk.emulator.upgradeGroup({ newGroupId });
    await chat.says('two');
    const parked = { kind: 'parked', reason: 'group_taken', retryMs: 60_000 };
    expect(await chat.deliver()).toEqual(parked);
    expect(await chat.deliver({ repaired: true })).toEqual(parked);
    expect(await chat.states()).toEqual(['sent', 'parked']);
    expect(desk.logs).toMatchObject([
      { level: 'error', fields: { reason: 'group_taken' } },
      { level: 'error', fields: { reason: 'group_taken' } },
    ]);
    expect(await desk.telegram.connectionsOf(desk.tenantId)).toMatchObject([{ chatId: String(desk.groupId) }]);

    await saveChannelConnection(desk.db, { ...theirs, status: 'disabled' });
    await chat.drain({ repaired: true });
    expect(await chat.states()).toEqual(['sent', 'sent']);
    expect((await desk.texts(undefined, newGroupId)).at(-1)).toContain('🧑 Visitor: two');
  });

  it('fails the one row that Telegram refuses, and sends the others', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one', 'two', 'three');
    await chat.deliver();
    const refusal = { kind: 'refuse', method: 'sendMessage', description: 'Bad Request: no such thing' } as const;
    await desk.emulator.injectFault(refusal);
    await desk.emulator.injectFault({ ...refusal, skip: 1 });
    await chat.drain();
    expect(await chat.states()).toEqual(['sent', 'failed', 'sent']);
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: three']);
  });
});

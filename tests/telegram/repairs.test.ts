import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { UNSHOWN } from '../../activities/delivery/describeRow.ts';
import { migrate } from '../../db/migrate.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { createTenant } from '../db/fixtures/createTenant.ts';
import { keepFile } from '../db/fixtures/keepFile.ts';
import { botSays, visitorSays } from '../db/fixtures/turns.ts';
import { BOT_TOKEN, createDesk, type Desk, type DeskOptions, SECOND_BOT_TOKEN } from './fixtures/createDesk.ts';

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

  it('says whole in a new topic what was half said in the one that was deleted, and posts its card anew', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('before');
    await chat.effect({ kind: 'card' });
    await chat.drain();
    const text = Array.from({ length: 2_000 }, (_, index) => `w${index}`).join(' ');
    await chat.says(text);
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 0, more: true });
    expect((await chat.rows()).at(-1)).toMatchObject({ partsSent: 1 });
    const [topic] = await desk.emulator.listTopics();
    await desk.emulator.deleteTopic({ threadId: topic?.threadId ?? 0 });
    await chat.drain();
    expect((await desk.texts()).join(' ').match(/\bw\d+/g)).toEqual(text.split(' '));
    expect(await chat.states()).toEqual(['sent', 'sent', 'sent']);
    const posted = (await desk.texts()).filter((words) => words.includes('🆕') || words.includes('Status'));
    expect(posted).toHaveLength(1);
  });

  it('sends what people say although no bot may close, open or rename topics, and has every bot asked', async () => {
    await open({ botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN, '4713:AAtest-token-of-the-third-bot'] });
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const callsOf = async (name: string) => (await desk.emulator.listCalls()).filter(({ method }) => method === name);
    // Who made a topic may always change it.
    const [creation] = await callsOf('createForumTopic');
    const others = [4711, 4712, 4713].filter((userId) => userId !== creation?.botId);
    await desk.emulator.kick({ userId: creation?.botId ?? 0 });
    for (const userId of others) await desk.emulator.setRights({ userId, rights: { can_manage_topics: false } });
    await chat.effect({ kind: 'rename', title: 'Other' }, { title: 'Other' });
    await chat.says('two');
    const other = desk.conversation();
    expect(await chat.drain()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect(await chat.states()).toEqual(['sent', 'failed', 'sent']);
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: two']);
    const asked = (await callsOf('editForumTopic')).map(({ botId }) => botId);
    expect(asked).toEqual(expect.arrayContaining(others));
    expect(asked.length).toBeLessThanOrEqual(3);
    // What has no topic yet is parked; it alone.
    await other.says('three');
    expect(await other.deliver()).toMatchObject({ kind: 'parked' });
  });

  it('tells the others when it finds by itself that the channel works again, and only then', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    await chat.says('two');
    await chat.drain({ repaired: true, tries: 3 });
    expect(desk.retried).toEqual([]);
    await chat.says('three');
    await chat.drain({ tries: 3 });
    expect(desk.retried).toEqual([desk.tenantId]);
  });

  it('parks what needs a topic that Telegram refuses to make, and says so in the log', async () => {
    await open();
    const chat = desk.conversation();
    const description = 'Bad Request: nobody knows why';
    await desk.emulator.injectFault({ kind: 'refuse', method: 'createForumTopic', description });
    await chat.says('one');
    expect(await chat.deliver({ tries: 2 })).toEqual({ kind: 'parked', reason: 'rejected', retryMs: 60_000 });
    const [row] = await chat.rows();
    expect(row).toMatchObject({ state: 'parked', lastError: 'rejected' });
    // As late as the workflow comes, which has met this twice before.
    expect((row?.nextAttemptAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(200_000);
    expect(desk.logs).toMatchObject([{ level: 'error', fields: { reason: 'rejected' } }]);
    await chat.drain();
    expect(await chat.rows()).toMatchObject([{ state: 'sent', nextAttemptAt: null }]);
  });

  it('shows agents without formatting, or at least that it is there, what Telegram refuses', async () => {
    await open();
    const chat = desk.conversation();
    await chat.relay([botSays('**Bold** words')]);
    await chat.deliver();
    const refusal = { kind: 'refuse', method: 'sendMessage', description: 'Bad Request: no such thing' } as const;
    await desk.emulator.injectFault(refusal);
    await chat.drain();
    await chat.says('unspeakable');
    await desk.emulator.injectFault(refusal);
    await chat.drain();
    expect(await desk.texts()).toEqual(['🤖 Bot: Bold words', `🧑 Visitor: ${UNSHOWN}`]);
    const [listed] = await desk.emulator.listTopics();
    const messages = await desk.emulator.listMessages({ threadId: listed?.threadId });
    const [first] = messages.flatMap(({ message }) => (message.text?.includes('Bold') ? [message] : []));
    expect(first?.entities?.map(({ offset }) => offset)).toEqual([0]);
    expect(await chat.states()).toEqual(['sent', 'sent']);
  });

  it.each([
    ['before them', `Unspeakable ${'word '.repeat(1_000)}`, ['sendMessage']],
    ['as their caption', 'Unspeakable', ['sendMediaGroup', 'sendMediaGroup', 'sendMessage']],
  ])('sends files though Telegram refuses what was said with them, %s', async (_where, text, refused) => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const files = [1, 2].map(() => keepFile(desk.db, desk.storage, chat.ref));
    const attachments = (await Promise.all(files)).map(({ id }) => id);
    await chat.relay([visitorSays(text, { attachments })]);
    for (const method of refused) {
      await desk.emulator.injectFault({ kind: 'refuse', method, description: 'Bad Request: no such thing' });
    }
    await chat.drain();
    expect(await chat.states()).toEqual(['sent', 'sent']);
    const [topic] = await desk.emulator.listTopics();
    const listed = await desk.emulator.listMessages({ threadId: topic?.threadId });
    const shown = listed.map(({ message: said }) => said.text ?? said.caption ?? (said.photo ? 'a picture' : ''));
    expect(shown.slice(-4)).toEqual([...['🧑 Visitor: one', `🧑 Visitor: ${UNSHOWN}`], ...['a picture', 'a picture']]);
  });

  it('fails the one row that Telegram refuses, and sends the others', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one', 'two', 'three');
    await chat.deliver();
    const refusal = { kind: 'refuse', method: 'sendMessage', description: 'Bad Request: no such thing' } as const;
    await desk.emulator.injectFault(refusal);
    await desk.emulator.injectFault({ ...refusal, skip: 1, count: 2 });
    await chat.drain();
    expect(await chat.states()).toEqual(['sent', 'failed', 'sent']);
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: three']);
    expect(desk.logs.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'rejected' } });
  });
});

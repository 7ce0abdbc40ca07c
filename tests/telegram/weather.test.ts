import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { POSSIBLE_TWIN } from '../../activities/delivery/describeRow.ts';
import { createMemorySlots } from '../../channels/telegram/slots/createMemorySlots.ts';
import { migrate } from '../../db/migrate.ts';
import { BOT_TOKEN, createDesk, type Desk, type DeskOptions, SECOND_BOT_TOKEN } from './fixtures/createDesk.ts';

const LINES = Array.from({ length: 10 }, (_, index) => `line ${index}`);

describe('deliveries in bad weather', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  const open = async (options?: DeskOptions) => {
    desk = await createDesk(inject('servers').appUrl, options);
    return desk;
  };
  /** Delivers as Temporal does: a failure that passes is tried again. */
  const drainThrough = async (chat: ReturnType<Desk['conversation']>, tries = 30) => {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const outcome = await chat.deliver().catch(() => undefined);
      if (outcome?.kind === 'idle') return;
    }
    throw new Error('not delivered');
  };

  it('delivers ten messages that waited while their topic was deleted, in order, in the topic that takes its place', async () => {
    await open();
    const chat = desk.conversation({ visitorName: 'Noor' });
    await chat.says('before');
    await chat.drain();
    for (const line of LINES) await chat.says(line);
    const [topic] = await desk.emulator.listTopics();
    await desk.emulator.deleteTopic({ threadId: topic?.threadId ?? 0 });
    await chat.drain();
    expect(await desk.emulator.listTopics()).toHaveLength(1);
    expect((await desk.texts()).join('\n').match(/line \d/g)).toEqual(LINES);
    expect(await chat.states()).toEqual(Array(11).fill('sent'));
  });

  it('outlasts a storm of 5xx answers without a doubt about anything', async () => {
    await open();
    const chat = desk.conversation();
    await desk.emulator.injectFault({ kind: 'serverError', code: 502, afterWork: false, body: 'html', count: 12 });
    await chat.says(...LINES);
    await drainThrough(chat);
    expect(await desk.emulator.listTopics()).toHaveLength(1);
    expect(await desk.texts()).toEqual([`🧑 Visitor: ${LINES.join('\n')}`]);
    expect((await chat.rows()).map(({ repeated }) => repeated)).toEqual(Array(10).fill(false));
  });

  it('parks the whole group when Telegram asks for a rest of hours, and no other group', async () => {
    const slots = createMemorySlots();
    await open({ slots });
    const [first, second] = [desk.conversation(), desk.conversation()];
    await first.says('one');
    await second.says('two');
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'createForumTopic', seconds: 10_072 });
    expect(await first.drain()).toEqual({
      kind: 'parked',
      reason: 'throttled',
      retryMs: expect.closeTo(10_072_000, -3),
    });
    expect(await first.states()).toEqual(['parked']);
    expect(desk.logs).toMatchObject([{ level: 'error', fields: { reason: 'throttled' } }]);
    expect(await second.deliver()).toMatchObject({ kind: 'parked', reason: 'throttled' });
    expect(await second.states()).toEqual(['parked']);

    const other = await createDesk(inject('servers').appUrl, { slots });
    const chat = other.conversation();
    await chat.says('three');
    expect(await chat.deliver()).toMatchObject({ kind: 'sent' });
    await other.close();
  });

  it('parks when Telegram refuses every bot, asks no more for a while, and begins anew when somebody repaired it', async () => {
    await open({ botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN] });
    const chat = desk.conversation();
    for (const userId of [4711, 4712]) await desk.emulator.kick({ userId });
    await chat.says('one');
    expect(await chat.drain()).toEqual({ kind: 'parked', reason: 'kicked', retryMs: 60_000 });
    expect(await chat.states()).toEqual(['parked']);
    const asked = (await desk.emulator.listCalls()).length;
    expect(await chat.deliver()).toMatchObject({ kind: 'parked', reason: 'kicked' });
    expect(await desk.emulator.listCalls()).toHaveLength(asked);

    await desk.emulator.addMember({ userId: 4712 });
    await chat.drain({ repaired: true });
    expect(await desk.texts()).toEqual(['🧑 Visitor: one']);
  });

  it('writes with the bot that still may, when one was demoted', async () => {
    await open({ botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN] });
    const chat = desk.conversation();
    for (const userId of [4711, 4712]) {
      await desk.emulator.setRights({ userId, rights: { can_manage_topics: userId === 4712 } });
    }
    await chat.says('one');
    await chat.drain();
    expect(await desk.texts()).toEqual(['🧑 Visitor: one']);
    const creations = (await desk.emulator.listCalls()).filter(({ method }) => method === 'createForumTopic');
    expect(creations.at(-1)).toMatchObject({ botId: 4712 });
  });

  it('goes on after the bot was demoted, kicked and re-added, each with words that waited', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    await desk.emulator.setStatus({ userId: 4711, status: 'member' });
    await desk.emulator.setStatus({ userId: 4711, status: 'restricted' });
    await desk.emulator.kick({ userId: 4711 });
    await chat.says('two');
    expect(await chat.drain()).toMatchObject({ kind: 'parked' });
    await chat.says('three');
    await desk.emulator.addMember({ userId: 4711 });
    await chat.drain({ repaired: true });
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', '🧑 Visitor: two\nthree']);
  });

  /** One topic is empty, the other says that it may be. */
  const expectMarkedTwin = async () => {
    const topics = await desk.emulator.listTopics();
    expect(topics.map(({ name }) => name)).toEqual(Array(2).fill(expect.stringContaining('A parcel')));
    const texts = await Promise.all(topics.map(({ threadId }) => desk.texts(threadId)));
    expect(texts.flat()).toEqual([`${POSSIBLE_TWIN}\n🧑 Visitor: one`]);
  };

  it('leaves one empty topic when nobody knows whether it was made, and says so in the one that takes its place', async () => {
    await open();
    const chat = desk.conversation({ title: 'A parcel' });
    await chat.says('one');
    await desk.emulator.injectFault({ kind: 'hang', method: 'createForumTopic', afterWork: true });
    await expect(chat.deliver()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
    expect(desk.logs.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'topic_unknown' } });
    await chat.drain();
    await expectMarkedTwin();
  });

  it('leaves one empty topic when the worker died before it could write down which, and says so', async () => {
    await open();
    const chat = desk.conversation({ title: 'A parcel' });
    await chat.says('one');
    await desk.emulator.injectFault({ kind: 'hang', method: 'createForumTopic', afterWork: true, ms: 400 });
    const died = chat.deliver().catch((error: unknown) => error);
    await expect.poll(() => desk.emulator.listTopics()).toHaveLength(1);
    await chat.expireLease();
    await chat.drain();
    expect(await died).toMatchObject({ type: 'TopicBusy' });
    await expectMarkedTwin();
  });

  it('settles what stays unknown twice, with an error in the log', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'drop', method: 'sendMessage', afterWork: false, count: 2 });
    await chat.deliver();
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect(await chat.rows()).toMatchObject([{ state: 'unknown', repeated: true, attempts: 2 }]);
    expect(desk.logs.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'unknown_twice' } });
  });

  it.each([4_097, 20_000])(
    'brings %i characters of right-to-left text with marks and emoji unbroken',
    async (length) => {
      await open();
      const words = [
        'שלום',
        'مرحبا بالعالم',
        '\u202bعربي\u202c',
        '<b>&amp;</b>',
        '*_`[x](y)',
        '👨‍👩‍👧‍👦',
        '🇮🇱',
        'é\u0301',
      ];
      let text = '';
      for (let index = 0; text.length < length - 20; index += 1) text += `${words[index % words.length]} `;
      text = text.padEnd(length, 'א');
      const chat = desk.conversation();
      await chat.says(text);
      await chat.drain();
      const texts = await desk.texts();
      expect(Math.max(...texts.map((part) => part.length))).toBeLessThanOrEqual(4_096);
      const joined = texts.join(' ').replaceAll(/🧑 Visitor(?: \(\d+\/\d+\))?: /g, '');
      expect(joined.replaceAll(/\s+/g, ' ')).toBe(text.replaceAll(/\s+/g, ' '));
    },
  );

  it('follows an upgraded group with every topic of it, and keeps to the budget that was used', async () => {
    const slots = createMemorySlots();
    await open({ slots });
    const chats = [desk.conversation({ title: 'A' }), desk.conversation({ title: 'B' })];
    for (const chat of chats) await chat.says('before');
    for (const chat of chats) await chat.deliver();
    const newGroupId = desk.groupId * 10;
    await desk.emulator.upgradeGroup({ newGroupId });
    for (const chat of chats) await chat.says('after');
    const first = chats[0];
    // The third write of a burst meets the upgrade; the fourth waits for its turn in the new group.
    await first?.deliver();
    const outcome = await first?.deliver();
    expect(outcome).toMatchObject({ kind: 'wait' });
    expect(await desk.telegram.connectionsOf(desk.tenantId)).toMatchObject([{ chatId: String(newGroupId) }]);
  });
});

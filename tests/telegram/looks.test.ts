import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SlotRequest } from '../../channels/telegram/slots/slots.ts';
import { migrate } from '../../db/migrate.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';
import { saveTraits } from '../../db/queries/sessions/saveTraits.ts';
import { visitorSays } from '../db/fixtures/turns.ts';
import { BOT_TOKEN, createDesk, type Desk, SECOND_BOT_TOKEN, unlimitedSlots } from './fixtures/createDesk.ts';

describe('cards and reactions', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  const methods = async () => (await desk.emulator.listCalls()).map(({ method }) => method);

  it('posts the card once all is said, pins it, and edits it from then on', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation({ title: 'A parcel', visitorName: 'Noor' });
    await chat.effect({ kind: 'card' });
    await chat.says('Where is it?');
    await chat.drain();
    expect(await methods()).toEqual(['createForumTopic', 'sendMessage', 'sendMessage', 'pinChatMessage']);
    expect(await desk.texts()).toEqual([
      '🧑 Noor: Where is it?',
      `A parcel\nVisitor: Noor\nStatus: 🆕 new\nWith: the flow\nConversation: ${chat.ref.conversationId}`,
    ]);

    await chat.effect({ kind: 'card' }, { status: 'waiting' });
    await chat.effect({ kind: 'card' }, { status: 'active', claimedBy: { id: 'tg:1', name: 'Mila' } });
    await chat.drain();
    expect((await methods()).slice(4)).toEqual(['editForumTopic', 'editMessageText']);
    expect((await desk.texts())[1]).toContain('Status: 💬 active\nWith: Mila');
    expect(await chat.states()).toEqual(Array(4).fill('sent'));
  });

  it('shows what changes between the card and its pin', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    await chat.effect({ kind: 'card' });
    while (!(await methods()).includes('sendMessage')) await chat.deliver();
    await chat.effect({ kind: 'card' }, { claimedBy: { id: 'tg:1', name: 'Mila' } });
    await chat.drain();
    expect(await methods()).toEqual(['createForumTopic', 'sendMessage', 'pinChatMessage', 'editMessageText']);
    expect((await desk.texts())[0]).toContain('With: Mila');
  });

  it('goes without the pin where the right to pin is missing', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    await desk.emulator.setRights({ userId: 4711, rights: { can_pin_messages: false } });
    await chat.effect({ kind: 'card' });
    await chat.drain();
    await chat.effect({ kind: 'card' }, { status: 'waiting' });
    await chat.drain();
    expect(await methods()).toEqual([
      'createForumTopic',
      'sendMessage',
      'pinChatMessage',
      'editForumTopic',
      'editMessageText',
    ]);
    expect(await chat.states()).toEqual(['failed', 'sent']);
  });

  it('posts a card anew that somebody deleted, alone or with its topic', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation({ title: 'A parcel' });
    await chat.effect({ kind: 'card' });
    await chat.drain();
    await desk.emulator.injectFault({
      kind: 'refuse',
      method: 'editMessageText',
      description: 'Bad Request: message to edit not found',
    });
    await chat.effect({ kind: 'card' }, { status: 'waiting' });
    await chat.drain();
    expect((await desk.texts()).filter((text) => text.startsWith('A parcel'))).toHaveLength(2);

    const [topic] = await desk.emulator.listTopics();
    await desk.emulator.deleteTopic({ threadId: topic?.threadId ?? 0 });
    await chat.says('Hello?');
    await chat.drain();
    expect((await desk.texts()).map((text) => text.split('\n').at(-1))).toEqual([
      '🧑 Visitor: Hello?',
      `Conversation: ${chat.ref.conversationId}`,
    ]);
  });

  it('posts a card that Telegram takes, however much there is to say, with the notes and a link to the console', async () => {
    desk = await createDesk(inject('servers').appUrl, { consoleUrl: 'https://support.example/{conversationId}' });
    const long = '😀'.repeat(250);
    const source = { url: `https://shop.example/${long}`, referrer: long, utm: { campaign: long } };
    const chat = desk.conversation({ title: long.slice(0, 128), visitorName: long.slice(0, 80), source });
    const session = { ...chat.ref, siteId: desk.siteId, source: {} };
    await insertSession(desk.db, session);
    const traits = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`Trait ${index}`, long]));
    await saveTraits(desk.db, chat.ref, { traits, verified: false });
    await chat.notes('Wants a refund', 'Refund is on its way');
    await chat.effect({ kind: 'card' });
    await chat.drain();
    expect(await chat.states()).toEqual(['sent']);
    const [card] = await desk.texts();
    expect(card).toMatch(/Trait 0: \S+… \(unverified\)\n[\s\S]*\nNotes: 2 · Refund is on its way\n/);
    const listed = await desk.emulator.listMessages({ threadId: (await desk.emulator.listTopics())[0]?.threadId });
    const links = listed.flatMap(({ message }) => message.entities ?? []).filter(({ type }) => type === 'text_link');
    expect(links).toMatchObject([{ url: `https://support.example/${chat.ref.conversationId}` }]);
  });

  it('leaves the name of a topic that another bot made as it is where the only bot may not change it', async () => {
    desk = await createDesk(inject('servers').appUrl, { botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN] });
    const [connection] = await listChannelConnections(desk.db, desk.tenantId, 'telegram');
    if (!connection) throw new Error('not connected');
    const serveWith = async (token: string) => {
      const secrets = Buffer.from(JSON.stringify({ botTokens: [token] }));
      await saveChannelConnection(desk.db, { ...connection, secrets });
      desk.telegram.forget(desk.tenantId);
    };
    await serveWith(BOT_TOKEN);
    const chat = desk.conversation({ title: 'A parcel' });
    await chat.says('Where is it?');
    await chat.drain();
    await serveWith(SECOND_BOT_TOKEN);
    await desk.emulator.setRights({ userId: 4712, rights: { can_manage_topics: false } });
    await chat.effect({ kind: 'card' }, { status: 'waiting' });
    expect(await chat.drain()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect((await methods()).slice(-3)).toEqual(['editForumTopic', 'sendMessage', 'pinChatMessage']);
    expect(await chat.states()).toEqual(['sent', 'sent']);
  });

  it('puts a reaction on what we said for an agent where it stands by then', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    const said = visitorSays('A prepared answer');
    await chat.relay([said]);
    const key = `conv_reaction_${said.id}_read`;
    await chat.record([], [{ key, priority: 4, effect: { kind: 'reaction', telegramMessageId: 0, emoji: '👍' } }]);
    await chat.drain();
    expect(await chat.states()).toEqual(['sent', 'sent']);
    const [topic] = await desk.emulator.listTopics();
    const listed = await desk.emulator.listMessages({ threadId: topic?.threadId });
    const reacted = listed.filter(({ reactions }) => reactions.length > 0).map(({ message }) => message.text);
    expect(reacted).toEqual([expect.stringContaining('A prepared answer')]);
  });

  it('leaves the card to the bot that posted it, and has another post it anew when that one is out for long', async () => {
    const slots = unlimitedSlots();
    desk = await createDesk(inject('servers').appUrl, { slots, botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN] });
    const chatId = String(desk.groupId);
    const chat = desk.conversation();
    const cardCalls = async () => {
      const calls = await desk.emulator.listCalls();
      return calls
        .filter(({ method }) => method === 'editMessageText' || method === 'pinChatMessage')
        .map(({ botId, method }) => [botId, method]);
    };
    await slots.refuse({ botId: '4711', chatId, scope: 'messages', reason: 'kicked', ms: 60_000 });
    await chat.effect({ kind: 'card' });
    await chat.drain();
    await slots.forgive(['4711'], chatId);
    await chat.effect({ kind: 'card' }, { status: 'waiting' });
    await chat.says('Hello?');
    await chat.drain();
    const edited = [
      [4712, 'pinChatMessage'],
      [4712, 'editMessageText'],
    ];
    expect(await cardCalls()).toEqual(edited);

    await slots.refuse({ botId: '4712', chatId, scope: 'messages', reason: 'kicked', ms: 60_000 });
    await chat.effect({ kind: 'card' }, { status: 'closed' });
    await chat.drain();
    await chat.effect({ kind: 'card' }, { status: 'active' });
    await chat.drain();
    expect(await cardCalls()).toEqual([...edited, [4711, 'pinChatMessage'], [4711, 'editMessageText']]);
    expect(await chat.states()).toEqual(Array(5).fill('sent'));
  });

  it('leaves a reaction to the bot that put the one before, so that one message never has both', async () => {
    const slots = unlimitedSlots();
    desk = await createDesk(inject('servers').appUrl, { slots, botTokens: [BOT_TOKEN, SECOND_BOT_TOKEN] });
    const chatId = String(desk.groupId);
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const [topic] = await desk.emulator.listTopics();
    const { messageId: telegramMessageId } = await desk.emulator.postMessage({
      threadId: topic?.threadId,
      text: 'Yes?',
    });
    const refuse = (botId: string) => slots.refuse({ botId, chatId, scope: 'messages', reason: 'kicked', ms: 60_000 });
    await refuse('4711');
    await chat.effect({ kind: 'reaction', telegramMessageId, emoji: '👀' });
    await chat.drain();
    await slots.forgive(['4711'], chatId);
    await chat.effect({ kind: 'reaction', telegramMessageId, emoji: '👍' });
    await chat.drain();
    const reactions = (await desk.emulator.listCalls()).filter(({ method }) => method === 'setMessageReaction');
    expect(reactions.map(({ botId }) => botId)).toEqual([4712, 4712]);
    await refuse('4712');
    await chat.effect({ kind: 'reaction', telegramMessageId, emoji: '🔥' });
    await chat.drain();
    expect(await chat.states()).toEqual(Array(4).fill('sent'));
  });

  it('puts the newest reaction on a message, and drops one that got old', async () => {
    desk = await createDesk(inject('servers').appUrl);
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    const telegramMessageId = (await chat.rows())[0]?.telegramMessageIds?.[0] ?? 0;
    for (const emoji of ['👀', '👍']) await chat.effect({ kind: 'reaction', telegramMessageId, emoji });
    await chat.drain();
    const reactions = (await desk.emulator.listCalls()).filter(({ method }) => method === 'setMessageReaction');
    expect(reactions).toHaveLength(1);
    expect((await chat.rows()).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent']);

    await chat.effect({ kind: 'reaction', telegramMessageId, emoji: '🔥' });
    await chat.age({ minutes: 11 });
    expect(await chat.deliver()).toEqual({ kind: 'idle' });
    expect((await chat.rows()).at(-1)).toMatchObject({ state: 'failed', lastError: 'dropped' });
  });

  it('lends no age to words that come while a card waits', async () => {
    const asked: SlotRequest[] = [];
    const slots = unlimitedSlots();
    const reserve: typeof slots.reserve = (request) => {
      asked.push(request);
      return slots.reserve(request);
    };
    desk = await createDesk(inject('servers').appUrl, { slots: { ...slots, reserve } });
    const chat = desk.conversation();
    await chat.says('first');
    await chat.drain();
    await chat.effect({ kind: 'card' });
    await chat.age({ minutes: 10 });
    await chat.says('now');
    await chat.deliver();
    expect(Date.now() - (asked.at(-1)?.since ?? 0)).toBeLessThan(60_000);
    await chat.deliver();
    expect(Date.now() - (asked.at(-1)?.since ?? 0)).toBeGreaterThan(500_000);
  });
});

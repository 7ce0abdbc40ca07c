import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listUndelivered } from '../../db/queries/outbox/listUndelivered.ts';
import { ORIGIN } from '../api/support/stack.ts';
import { openConversation, VisitorClient } from '../api/support/visitor.ts';
import { getConversation } from '../db/fixtures/getConversation.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack, type Visit } from './fixtures/startTelegramStack.ts';

const WEBHOOK_SECRET = () => `the-path-of-a-test-${crypto.randomUUID()}`;
const HEADER_SECRET = 'the-header-of-a-test';
const AGENT = 7_000_000_001;

describe('what Telegram tells of a group', () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;
  let groupId: number;
  let botId: number;
  let token: string;
  let webhookSecret: string;
  let visit: Visit;
  let marks = 0;

  beforeAll(async () => {
    telegram = await startTelegramStack();
  });
  afterAll(() => telegram.stop());
  beforeEach(async () => {
    marks += 1;
    // A group of its own each: the budget of one does not last for all.
    ({ tenant, groupId, botId, token, webhookSecret } = await desk());
    visit = await telegram.visit(tenant, groupId, `Visitor number ${marks}`);
  });

  /** A tenant whose group is connected. */
  async function desk() {
    const of = await telegram.tenant();
    const group = await telegram.group();
    const secret = WEBHOOK_SECRET();
    const secrets = { webhookSecret: secret, headerSecret: HEADER_SECRET };
    const body = { groupId: String(group.groupId), botTokens: [group.token], ...secrets };
    const { status } = await of.call('channels/telegram', { body });
    expect(status).toBe(201);
    return { tenant: of, ...group, webhookSecret: secret };
  }
  const post = (text: string, more: object = {}) =>
    telegram.emulator.postMessage({ groupId, threadId: visit.threadId, text, ...more });
  const webhook = (payload: BodyInit, secret = webhookSecret) =>
    fetch(`${telegram.apiUrl}/v1/telegram/webhook/${secret}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': HEADER_SECRET },
      body: payload,
    });
  /** Updates come in order: when this one has arrived, all before it have. */
  async function everythingArrives(): Promise<void> {
    marks += 1;
    await post(`That is all, ${marks}`);
    await visit.visitor.message(`That is all, ${marks}`);
  }
  const undelivered = async (parkedOnly = false) => {
    const waiting = await listUndelivered(telegram.stack.db, tenant.tenantId, { parkedOnly, limit: 10 });
    return waiting.map(({ conversationId }) => conversationId);
  };
  const parked = () => undelivered(true);
  const heardBefore = () => visit.heard().filter((text) => !text.startsWith('That is all'));

  it('once, although the update comes a hundred times at once', async () => {
    const { messageId } = await post('Only once');
    await visit.visitor.message('Only once');
    const { statuses } = await telegram.emulator.repeatUpdate({ botId, messageId, times: 100 });
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(statuses).toHaveLength(100);
    await everythingArrives();
    expect(heardBefore()).toEqual(['Only once']);
  });

  it('of an earlier topic: an update that comes again after the topic was made anew changes nothing', async () => {
    const { messageId } = await post('Before');
    await visit.visitor.message('Before');
    await telegram.emulator.deleteTopic({ groupId, threadId: visit.threadId });
    visit.visitor.say('Still there?');
    const newest = async () => (await telegram.emulator.listTopics({ groupId })).map(({ threadId }) => threadId);
    await expect.poll(async () => Math.max(...(await newest())), { timeout: 15_000 }).toBeGreaterThan(visit.threadId);
    const { statuses } = await telegram.emulator.repeatUpdate({ botId, messageId, times: 3 });
    // While the topic is so new that its note may be under way, Telegram is asked to come again.
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    visit = { ...visit, threadId: Math.max(...(await newest())) };
    await everythingArrives();
    expect(heardBefore()).toEqual(['Before']);
  });

  it('and keeps from the visitor what is not meant for them', async () => {
    const { emulator } = telegram;
    const { userId: otherBot } = await emulator.addUser({
      firstName: 'Weather',
      username: `w${groupId}_bot`,
      isBot: true,
    });
    await emulator.addMember({ groupId, userId: otherBot });
    await post('From another bot', { userId: otherBot });
    await emulator.postMessage({ groupId, text: 'In General' });
    const coffee = await emulator.createTopic({ groupId, name: 'Coffee' });
    await emulator.postMessage({ groupId, threadId: coffee.threadId, text: 'In a topic of ours alone' });
    const { userId } = await emulator.addUser({ firstName: 'New' });
    await emulator.addMember({ groupId, userId });
    await emulator.renameGroup({ groupId, title: 'Support, renamed' });
    await emulator.renameTopic({ groupId, threadId: visit.threadId, name: 'Renamed by hand' });
    await post('// between us');
    await post('/clam');
    const card = { message_id: 1, date: 1, chat: { id: groupId, type: 'supergroup' } };
    const person = { id: AGENT, is_bot: false, first_name: 'Agent A' };
    const service = { ...card, message_thread_id: visit.threadId, is_topic_message: true as const, from: person };
    for (const [index, what] of [
      { pinned_message: card },
      { new_chat_title: 'x' },
      { forum_topic_edited: {} },
    ].entries()) {
      const answer = await webhook(
        JSON.stringify({ update_id: index, message: { ...service, message_id: 900_000 + index, ...what } }),
      );
      expect(answer.status).toBe(200);
    }
    await everythingArrives();
    expect(heardBefore()).toEqual([]);
    expect(visit.visitor.messages().map(({ text }) => text)).not.toContain('/clam');
  });

  it('by whoever may speak: an anonymous administrator, one without a user name, and in answer to the visitor', async () => {
    await post('In the group’s name', { anonymous: true });
    await visit.visitor.message('In the group’s name');
    const { userId } = await telegram.emulator.addUser({ firstName: 'Ola' });
    await telegram.emulator.addMember({ groupId, userId });
    await post('Without a user name', { userId });
    await visit.visitor.message('Without a user name');
    const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
    const theirs = listed.find(({ message }) => message.text?.includes('Visitor number'));
    await post('About what you wrote', { replyToMessageId: theirs?.message.message_id });
    await expect.poll(() => visit.heard().some((text) => text.includes('About what you wrote'))).toBe(true);
    const authors = visit.visitor.messages().flatMap(({ author }) => (author?.kind === 'agent' ? [author.name] : []));
    expect(authors).toEqual(['Support', 'Ola', 'Agent A']);
  });

  it('closes the conversation whose topic is closed by hand, and opens it for whoever opens the topic', async () => {
    const status = async () => (await getConversation(telegram.stack.db, { ...tenant, ...visit }))?.status;
    await telegram.emulator.closeTopic({ groupId, threadId: visit.threadId, userId: AGENT });
    await visit.visitor.next('conversation_closed');
    await expect.poll(status).toBe('closed');
    await telegram.emulator.reopenTopic({ groupId, threadId: visit.threadId, userId: AGENT });
    await expect.poll(status).toBe('active');
    visit.visitor.say('Are you back?');
    const texts = async () =>
      (await telegram.emulator.listMessages({ groupId, threadId: visit.threadId })).map(({ message }) => message.text);
    await expect.poll(async () => (await texts()).join('\n'), { timeout: 10_000 }).toContain('Are you back?');
    await everythingArrives();
    expect(heardBefore()).toEqual([]);
  });

  it.each(['demoted', 'kicked'])(
    'parks what cannot be delivered while the bot is %s, and delivers it in order once it is mended',
    async (damage) => {
      const texts = async () => {
        const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
        return listed.flatMap(({ message }) => (message.text?.startsWith('🧑') ? [message.text] : []));
      };
      const userId = botId;
      await (damage === 'kicked'
        ? telegram.emulator.kick({ groupId, userId })
        : telegram.emulator.setStatus({ groupId, userId, status: 'restricted' }));
      visit.visitor.say('One');
      visit.visitor.say('Two');
      await expect.poll(parked, { timeout: 10_000 }).toContain(visit.conversationId);
      await telegram.emulator.addMember({ groupId, userId });
      await expect.poll(async () => (await texts()).join('\n'), { timeout: 20_000 }).toMatch(/One[\s\S]*Two/);
      await everythingArrives();
    },
  );

  it('that topics were switched on, which gives a plain group another id: what waited goes there at once', async () => {
    const newGroupId = groupId * 10;
    await telegram.emulator.setForum({ groupId, isForum: false });
    const other = await openConversation(telegram.apiUrl, { siteKey: tenant.siteKey, origin: ORIGIN });
    const visitor = await VisitorClient.join(telegram.apiUrl, other.token, { origin: ORIGIN });
    visitor.say('Is there anybody?');
    await expect.poll(parked, { timeout: 10_000 }).toContain(other.conversationId);
    await telegram.emulator.setForum({ groupId, isForum: true });
    await telegram.emulator.upgradeGroup({ groupId, newGroupId });
    const said = async () => {
      const listed = await telegram.emulator.listMessages({ groupId: newGroupId, allTopics: true });
      return listed.map(({ message }) => message.text).join('\n');
    };
    await expect.poll(said, { timeout: 15_000 }).toContain('Is there anybody?');
  });

  it('and what it does not understand, without asking for it again', async () => {
    for (const payload of ['{"update_id":', '', '[1]', 'null', '{}', JSON.stringify({ update_id: 1, message: 7 })]) {
      const answer = await webhook(payload);
      expect([payload, answer.status, await answer.json()]).toEqual([payload, 200, { ok: true }]);
    }
    const huge = await webhook('x'.repeat(20 * 1024 * 1024)).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(huge);
    expect((await webhook('{}', 'not-a-secret-of-anybody')).status).toBe(404);
    const unsigned = await fetch(`${telegram.apiUrl}/v1/telegram/webhook/${webhookSecret}`, { method: 'POST' });
    expect(unsigned.status).toBe(401);
    await everythingArrives();
  });

  it('to the tenant whose webhook it is, never to another', async () => {
    const other = await desk();
    const theirs = await telegram.visit(other.tenant, other.groupId, 'A visitor of the other');
    // An agent of one group, through the other tenant's webhook, into a topic that both may have by number.
    const message = {
      message_id: 800_001,
      message_thread_id: visit.threadId,
      is_topic_message: true,
      date: Math.floor(Date.now() / 1_000),
      chat: { id: groupId, type: 'supergroup' },
      from: { id: AGENT, is_bot: false, first_name: 'Agent A' },
      text: 'For whom?',
    };
    expect((await webhook(JSON.stringify({ update_id: 5, message }), other.webhookSecret)).status).toBe(200);
    await telegram.emulator.postMessage({ groupId: other.groupId, threadId: theirs.threadId, text: 'For the other' });
    await theirs.visitor.message('For the other');
    await everythingArrives();
    expect(heardBefore()).toEqual([]);
    expect(theirs.heard()).toEqual(['For the other']);
  });

  it('nothing while the tenant has Telegram switched off, and all of it afterwards', async () => {
    const settings = (on: boolean) =>
      tenant.call('settings/development', { method: 'PUT', body: { flags: { telegram: on } } });
    expect((await settings(false)).status).toBe(200);
    await expect.poll(async () => (await webhook('{}')).status, { timeout: 10_000 }).toBe(404);
    await post('While it was off');
    const failing = async () => {
      const answer = await fetch(`${telegram.emulator.url}/bot${token}/getWebhookInfo`);
      return ((await answer.json()) as { result: { last_error_message?: string } }).result.last_error_message;
    };
    await expect.poll(failing).toContain('404');
    expect(visit.heard()).toEqual([]);
    // Both ways: what the visitor said meanwhile follows too, and what comes after that.
    const said = async () => {
      const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
      return listed.map(({ message }) => message.text).join('\n');
    };
    visit.visitor.say('Words that wait');
    await expect.poll(() => undelivered(), { timeout: 10_000 }).toContain(visit.conversationId);
    expect(await said()).not.toContain('Words that wait');
    await settings(true);
    await expect.poll(said, { timeout: 10_000 }).toContain('Words that wait');
    visit.visitor.say('And more');
    await expect.poll(said, { timeout: 10_000 }).toContain('And more');
    await expect.poll(() => visit.heard(), { timeout: 20_000 }).toEqual(['While it was off']);
  });
});

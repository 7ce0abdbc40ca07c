import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ORIGIN } from '../api/support/stack.ts';
import { openConversation } from '../api/support/visitor.ts';
import { getConversation } from '../db/fixtures/getConversation.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack, type Visit } from './fixtures/startTelegramStack.ts';

const DUE = { timeout: 15_000 };
const AGENTS = [7_000_000_001, 7_000_000_002] as const;

describe("the agents' side of a topic", () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;
  let groupId: number;
  let visit: Visit;
  let marks = 0;

  beforeAll(async () => {
    telegram = await startTelegramStack();
  });
  afterAll(() => telegram.stop());
  beforeEach(async () => {
    marks += 1;
    tenant = await telegram.tenant();
    const agents = { claimPolicy: 'claim_first', cannedAnswers: [{ name: 'hours', text: 'From **9** to 5.' }] };
    await tenant.call('settings/development', { method: 'PUT', body: { settings: { agents } } });
    const group = await telegram.group();
    groupId = group.groupId;
    const secrets = { webhookSecret: `the-path-of-${crypto.randomUUID()}`, headerSecret: 'the-header-of-a-test' };
    const body = { groupId: String(groupId), botTokens: [group.token], ...secrets };
    await tenant.call('channels/telegram', { body });
    visit = await telegram.visit(tenant, groupId, `Visitor number ${marks}`);
  });

  const post = (text: string, more: object = {}) =>
    telegram.emulator.postMessage({ groupId, threadId: visit.threadId, text, ...more });
  const inTopic = async () => telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
  const texts = async () => (await inTopic()).flatMap(({ message }) => message.text ?? []);
  const cardOf = async () => (await inTopic()).find(({ message }) => message.reply_markup)?.message;
  const buttons = async () => ((await cardOf())?.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);
  const nameOfTopic = async () =>
    (await telegram.emulator.listTopics({ groupId })).find(({ threadId }) => threadId === visit.threadId)?.name;
  const press = async (data: string, userId: number = AGENTS[0], messageId?: number) => {
    const card = messageId ?? (await cardOf())?.message_id ?? 0;
    const { callbackQueryId } = await telegram.emulator.pressButton({ groupId, messageId: card, userId, data });
    let answer: { text: string; showAlert: boolean } | null = null;
    await expect
      .poll(async () => {
        answer = await telegram.emulator.callbackAnswer({ callbackQueryId });
        return answer;
      }, DUE)
      .not.toBeNull();
    return answer as unknown as { text: string; showAlert: boolean };
  };
  const row = () => getConversation(telegram.stack.db, { ...tenant, conversationId: visit.conversationId });

  it('has a pinned card whose buttons do what they say, once, and answer who presses them', async () => {
    await expect.poll(buttons, DUE).toContain('✋ Claim');
    await expect
      .poll(async () => (await telegram.emulator.describeGroup({ groupId })).pinnedMessageIds, DUE)
      .toEqual([(await cardOf())?.message_id]);
    expect(await nameOfTopic()).toMatch(/^🔔 Visitor [0-9a-f]{6}$/);

    expect(await press('/claim')).toEqual({ text: 'You have this conversation.', showAlert: false });
    expect(await row()).toMatchObject({ status: 'active', claimedById: `telegram:${AGENTS[0]}` });
    await expect.poll(async () => (await cardOf())?.text, DUE).toContain('With: Agent A');
    await expect.poll(nameOfTopic, DUE).toMatch(/^💬/);
    await expect.poll(buttons, DUE).toContain('↪️ Release');

    expect(await press('/release', AGENTS[1])).toMatchObject({ showAlert: false });
    await expect.poll(buttons, DUE).toContain('✋ Claim');
    await press('/claim', AGENTS[1]);
    await expect.poll(buttons, DUE).toContain('↪️ Release');
    expect(await press('/snooze tomorrow')).toMatchObject({ text: 'Put aside. It comes back by itself.' });
    const until = (await row())?.snoozedUntil;
    expect(until?.getUTCHours()).toBe(9);
    expect(await press('/close')).toMatchObject({ text: 'Closed.' });
    await expect.poll(async () => (await row())?.status, DUE).toBe('closed');
  });

  it('sends prepared answers in the name of who chooses them', async () => {
    await expect.poll(buttons, DUE).toContain('💬 Canned answers');
    await press('/canned');
    const menu = async () =>
      (await inTopic()).find(({ message }) => message.text?.includes('Which answer'))?.message.message_id;
    await expect.poll(menu, DUE).toBeGreaterThan(0);
    expect(await press('/canned hours', AGENTS[0], await menu())).toMatchObject({ text: 'Sent.' });
    await visit.visitor.message('From **9** to 5.');
    await expect.poll(texts, DUE).toContainEqual('👤 Agent A: From 9 to 5.');
    const refused = await press('/canned hours', AGENTS[1], await menu());
    expect(refused).toEqual({ text: expect.stringContaining('Somebody else has this conversation'), showAlert: true });
  });

  it('keeps the name of an anonymous administrator to itself, who may go on in the group’s name', async () => {
    await telegram.emulator.addMember({ groupId, userId: AGENTS[1], anonymous: true });
    await expect.poll(buttons, DUE).toContain('✋ Claim');
    await press('/claim', AGENTS[1]);
    expect(await row()).toMatchObject({ claimedById: `telegram:${groupId}`, claimedByName: 'Support' });
    await post('In the group’s name', { userId: AGENTS[1], anonymous: true });
    await visit.visitor.message('In the group’s name');
    expect(JSON.stringify(visit.visitor.frames)).not.toContain('Agent B');
  });

  it('shows on the card what the site says of its visitor later, a note, and a subject that is too long', async () => {
    await expect.poll(buttons, DUE).toContain('✋ Claim');
    const again = { siteKey: tenant.siteKey, origin: ORIGIN };
    const traits = { plan: 'x'.repeat(300) };
    await openConversation(telegram.apiUrl, again, { conversationId: visit.conversationId, traits });
    const card = async () => (await cardOf())?.text;
    await expect.poll(card, DUE).toMatch(/plan: x{200}… \(unverified\)/);
    await post('// Wants a refund');
    await post(`/rename ${'long '.repeat(800)}`);
    await expect.poll(card, DUE).toMatch(/^(long ){24}long\n[\s\S]*Notes: 1 · Wants a refund/);
  });

  it('answers commands in the topic alone, and who has not claimed', async () => {
    await post('/clam');
    await post('/whoami');
    await post('Mine');
    await visit.visitor.message('Mine');
    await post('Not mine', { userId: AGENTS[1] });
    await expect
      .poll(async () => (await texts()).join('\n'), DUE)
      .toMatch(/no such command[\s\S]*You are Agent A[\s\S]*Not sent to the visitor: Agent A has this conversation/);
    await post('// for us', { userId: AGENTS[1] });
    await post('/help');
    await expect.poll(async () => (await texts()).join('\n'), DUE).toContain('/rename <new subject>');
    expect(visit.heard()).toEqual(['Mine']);
  });

  it('counts a new subject once for all bots that tell of it, and says when there were too many', async () => {
    const theirs = await telegram.tenant();
    const group = await telegram.group();
    const others = await Promise.all([telegram.bot(group.groupId), telegram.bot(group.groupId)]);
    const botTokens = [group, ...others].map(({ token }) => token);
    const body = { groupId: String(group.groupId), botTokens };
    await theirs.call('channels/telegram', { body });
    const { threadId } = await telegram.visit(theirs, group.groupId, 'Name me');
    const place = { groupId: group.groupId, threadId };
    for (const title of ['One', 'Two', 'Three', 'Four']) {
      await telegram.emulator.postMessage({ ...place, text: `/rename ${title}` });
    }
    const refusals = async () => {
      const listed = await telegram.emulator.listMessages(place);
      return listed.filter(({ message }) => message.text?.includes('Not renamed')).length;
    };
    await expect.poll(refusals, DUE).toBe(1);
    const name = async () =>
      (await telegram.emulator.listTopics(place)).find((topic) => topic.threadId === threadId)?.name;
    await expect.poll(name, DUE).toContain('Three');
    await expect.poll(() => telegram.emulator.listUpdates({ botId: others[1].botId }), DUE).toEqual([]);
    expect(await refusals()).toBe(1);
  });

  it('answers what cannot be passed on, and who edits a note as if it could be sent by that', async () => {
    await telegram.emulator.postLocation({ groupId, threadId: visit.threadId, latitude: 1, longitude: 2 });
    const { messageId } = await post('// for us');
    await telegram.emulator.editMessage({ groupId, messageId, text: 'For you' });
    await expect
      .poll(async () => (await texts()).join('\n'), DUE)
      .toMatch(/Not passed on: a location[\s\S]*does not get this message/);
    expect(visit.heard()).toEqual([]);
  });

  it('brings formatting, answers and edits to the visitor', async () => {
    const mirrored = async () =>
      (await inTopic()).find(({ message }) => message.text?.includes(`Visitor number ${marks}`))?.message.message_id;
    const { messageId } = await post('😀 See https://example.com/a', { replyToMessageId: await mirrored() });
    const said = await visit.visitor.message('😀 See https://example.com/a');
    const [question] = visit.visitor.messages();
    expect(said.entities).toEqual([{ type: 'link', offset: 7, length: 21, url: 'https://example.com/a' }]);
    expect(said.replyTo).toEqual({ messageId: question?.id });

    await telegram.emulator.editMessage({ groupId, messageId, text: 'See the shop' });
    const edits = () => visit.visitor.frames.filter((frame) => frame.type === 'message_edited');
    await expect.poll(edits, DUE).toMatchObject([{ id: said.id, seq: said.seq, text: 'See the shop', entities: [] }]);
    await telegram.emulator.editMessage({ groupId, messageId, text: '// not for them' });
    await post('And so on');
    await visit.visitor.message('And so on');
    expect(edits()).toHaveLength(1);
  });

  it('brings what the visitor answers above the answer, and how the visitor liked it', async () => {
    await post('Which one?');
    const { id: replyTo } = await visit.visitor.message('Which one?');
    visit.visitor.send({ type: 'message', clientMessageId: crypto.randomUUID(), text: 'The red one', replyTo });
    const answer = async () => (await inTopic()).find(({ message }) => message.text?.includes('red one'))?.message;
    await expect.poll(answer, DUE).toBeDefined();
    const { text = '', entities = [] } = (await answer()) ?? {};
    expect(text).toMatch(/Which one\?\nThe red one$/);
    const quote = { offset: text.indexOf('Which'), length: 'Which one?'.length };
    expect(entities).toContainEqual({ type: 'blockquote', ...quote });

    await post('/close');
    await visit.visitor.next('conversation_closed');
    visit.visitor.send({ type: 'rate', rating: 4 });
    await visit.visitor.next('rated');
    await expect.poll(texts, DUE).toContainEqual('🔔 The visitor rated this conversation 4 of 5');
    expect(await row()).toMatchObject({ status: 'closed' });
  });

  it('shows the agents what the visitor has seen and read', async () => {
    const { messageId } = await post('Do you see me?');
    const said = await visit.visitor.message('Do you see me?');
    const reactions = async () =>
      (await inTopic())
        .find(({ message }) => message.message_id === messageId)
        ?.reactions.flatMap(({ reaction }) => reaction);
    visit.visitor.send({ type: 'receipt', messageId: said.id, status: 'delivered' });
    await expect.poll(reactions, DUE).toEqual([{ type: 'emoji', emoji: '👀' }]);
    visit.visitor.send({ type: 'receipt', messageId: said.id, status: 'read' });
    await expect.poll(reactions, DUE).toEqual([{ type: 'emoji', emoji: '👍' }]);
  });
});

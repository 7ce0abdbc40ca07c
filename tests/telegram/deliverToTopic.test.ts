import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { POSSIBLE_REPEAT } from '../../activities/delivery/composeWrite.ts';
import { migrate } from '../../db/migrate.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import { botSays, visitorSays } from '../db/fixtures/turns.ts';
import { createDesk, type Desk, type DeskOptions } from './fixtures/createDesk.ts';

describe('deliverToTopic', () => {
  let desk: Desk;

  beforeAll(() => migrate(inject('servers').ownerUrl));
  afterEach(() => desk.close());

  const open = async (options?: DeskOptions) => {
    desk = await createDesk(inject('servers').appUrl, options);
    return desk;
  };
  const writes = async () => (await desk.emulator.listCalls()).filter(({ errorCode }) => errorCode === undefined);

  it('makes the topic with the first write and sends with the second', async () => {
    await open();
    const chat = desk.conversation({ visitorName: 'Noor', title: 'A parcel' });
    await chat.says('Where is it?');

    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 0, more: true });
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect(await chat.deliver()).toEqual({ kind: 'idle' });

    expect((await desk.emulator.listTopics()).map(({ name }) => name)).toEqual(['🆕 Noor · A parcel']);
    expect(await desk.texts()).toEqual(['🧑 Noor: Where is it?']);
    expect(await chat.rows()).toMatchObject([
      { state: 'sent', attempts: 1, botId: '4711', telegramMessageIds: [expect.any(Number)] },
    ]);
  });

  it('puts all that waits into one write, in order, below its authors', async () => {
    await open();
    const chat = desk.conversation();
    const choices = [
      { id: 'y', label: 'Yes' },
      { id: 'n', label: 'No' },
    ];
    await chat.relay([visitorSays('Hello'), visitorSays('Anyone?'), botSays('A person?', { choices })]);
    await chat.effect({ kind: 'notice', text: 'Waiting for a person', silent: false });
    await chat.drain();
    expect(await desk.texts()).toEqual([
      '🧑 Visitor: Hello\nAnyone?\n🤖 Bot: A person?\n▫️ Yes  ▫️ No\n🔔 Waiting for a person',
    ]);
    expect(await writes()).toHaveLength(2);
  });

  it('shows whom the site has named, by a sign that no name can bring', async () => {
    await open();
    const chat = desk.conversation({ visitorName: '🪪 Noor' });
    await chat.says('Believe me');
    await chat.drain();
    const { tenantId, siteId } = desk;
    const { conversationId } = chat.ref;
    await insertSession(desk.db, { tenantId, siteId, conversationId, verifiedUserId: 'customer-1', source: {} });
    await chat.says('Now the shop vouches for me');
    await chat.drain();
    expect(await desk.texts()).toEqual(['🧑 🪪 Noor: Believe me', '🪪 🪪 Noor: Now the shop vouches for me']);
  });

  it('reports no channel, and delivers nothing', async () => {
    await open({ connected: false });
    const chat = desk.conversation();
    await chat.says('Hello');
    expect(await chat.deliver()).toEqual({ kind: 'no_channel' });
    expect(await chat.states()).toEqual(['pending']);
  });

  it('renames, closes and reopens between the texts, in order', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.drain();
    await chat.effect({ kind: 'rename', title: 'Old' }, { title: 'New' });
    await chat.effect({ kind: 'rename', title: 'New' }, { title: 'New' });
    await chat.effect({ kind: 'close_topic' });
    await chat.drain();
    expect(await desk.emulator.listTopics()).toMatchObject([{ name: expect.stringContaining('· New'), closed: true }]);
    await chat.effect({ kind: 'reopen_topic' });
    await chat.says('two');
    await chat.drain();
    expect(await desk.emulator.listTopics()).toMatchObject([{ name: expect.stringContaining('· New'), closed: false }]);
    expect(await chat.states()).toEqual(Array(6).fill('sent'));
    expect((await writes()).map(({ method }) => method)).toEqual([
      'createForumTopic',
      'sendMessage',
      'editForumTopic',
      'closeForumTopic',
      'reopenForumTopic',
      'sendMessage',
    ]);
  });

  it.each([4_097, 20_000])('splits a text of %i code units without breaking words or emoji', async (length) => {
    await open();
    const word = 'naïve 👩‍👩‍👧‍👦 wörd ';
    const text = word
      .repeat(Math.ceil(length / word.length))
      .slice(0, length - 1)
      .trimEnd()
      .padEnd(length, 'x');
    const chat = desk.conversation();
    await chat.says(text);
    await chat.says('after');
    await chat.drain();
    const texts = await desk.texts();
    expect(Math.max(...texts.map((part) => part.length))).toBeLessThanOrEqual(4_096);
    expect(texts.length).toBeLessThanOrEqual(Math.ceil(length / 3_500) + 1);
    const joined = texts.join('\n').replaceAll(/🧑 Visitor(?: \(\d+\/\d+\))?: /g, '');
    expect(joined.replaceAll(/\s+/g, ' ')).toBe(`${text} after`.replaceAll(/\s+/g, ' '));
    expect(await chat.states()).toEqual(['sent', 'sent']);
  });

  it('waits exactly as long as a 429 asks for, and sends without a mark', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'sendMessage', seconds: 3 });
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 0, more: true });

    const paused = await chat.deliver();
    expect(paused).toMatchObject({ kind: 'wait', waitMs: expect.any(Number) });
    if (paused.kind !== 'wait') return;
    expect(paused.waitMs).toBeGreaterThan(2_000);
    expect(paused.waitMs).toBeLessThanOrEqual(3_000);
    await new Promise((resolve) => setTimeout(resolve, paused.waitMs));
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect(await desk.texts()).toEqual(['🧑 Visitor: one']);
    expect(await chat.rows()).toMatchObject([{ repeated: false, attempts: 2 }]);
  });

  it('parks when the rest that Telegram asks for is hours', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'sendMessage', seconds: 10_072 });
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 0, more: true });
    expect(await chat.deliver()).toEqual({
      kind: 'parked',
      reason: 'throttled',
      retryMs: expect.closeTo(10_072_000, -3),
    });
    const [row] = await chat.rows();
    expect(row).toMatchObject({ state: 'parked', lastError: 'throttled' });
    const inMs = (row?.nextAttemptAt?.getTime() ?? 0) - Date.now();
    expect(inMs).toBeGreaterThan(10_000_000);
  });

  it('goes on with another bot while one is throttled', async () => {
    await open({ botTokens: ['4711:AAtest-token-of-the-first-bot', '4712:AAtest-token-of-the-second-bot'] });
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'retryAfter', method: 'sendMessage', seconds: 600 });
    expect(await chat.drain()).toEqual({ kind: 'sent', settled: 1, more: false });
    expect(await desk.texts()).toEqual(['🧑 Visitor: one']);
  });

  it('repeats once, with a mark, what Telegram did and never confirmed', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one', 'two');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'hang', method: 'sendMessage', afterWork: true });
    expect(await chat.deliver()).toEqual({ kind: 'sent', settled: 0, more: true });
    expect(await chat.states()).toEqual(['unknown', 'unknown']);
    await chat.says('three');
    await chat.drain();
    expect(await desk.texts()).toEqual([
      '🧑 Visitor: one\ntwo',
      `${POSSIBLE_REPEAT}\n🧑 Visitor: one\ntwo`,
      '🧑 Visitor: three',
    ]);
    expect(await chat.rows()).toMatchObject([{ repeated: true }, { repeated: true }, { repeated: false }]);
  });

  it('passes over what stays unknown a second time, and never blocks the topic', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'drop', method: 'sendMessage', afterWork: false, count: 2 });
    await chat.deliver();
    await chat.deliver();
    await chat.says('two');
    await chat.drain();
    expect(await chat.states()).toEqual(['unknown', 'sent']);
    expect(await desk.texts()).toEqual(['🧑 Visitor: two']);
  });

  it('does not spend the one repetition on a network that is still down', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'drop', method: 'sendMessage', afterWork: false });
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'drop', method: 'getMe', count: 2 });
    await expect(chat.deliver()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
    await expect(chat.deliver()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
    await chat.drain();
    expect(await desk.texts()).toEqual([`${POSSIBLE_REPEAT}\n🧑 Visitor: one`]);
  });

  it('repeats a definite failure without a mark', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({
      kind: 'serverError',
      method: 'sendMessage',
      afterWork: false,
      code: 502,
      body: 'html',
    });
    await expect(chat.deliver()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
    await chat.drain();
    expect(await desk.texts()).toEqual(['🧑 Visitor: one']);
  });

  it('finds rows of a crashed attempt, and repeats them with a mark', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    await desk.emulator.injectFault({ kind: 'hang', method: 'sendMessage', afterWork: true, ms: 400 });
    const crashed = chat.deliver().catch((error: unknown) => error);
    await expect.poll(() => chat.states()).toEqual(['sending']);
    await expect(chat.deliver()).rejects.toMatchObject({ type: 'TopicBusy' });
    await chat.expireLease();
    await chat.drain();
    expect(await desk.texts()).toEqual(['🧑 Visitor: one', `${POSSIBLE_REPEAT}\n🧑 Visitor: one`]);
    expect(await crashed).toMatchObject({ type: 'TopicBusy' });
    expect(await chat.rows()).toMatchObject([{ state: 'sent', repeated: true }]);
  });

  it('does not count a repetition during which the worker died as the one repetition', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says('one');
    await chat.deliver();
    for (let crashes = 0; crashes < 2; crashes += 1) {
      await desk.emulator.injectFault({ kind: 'hang', method: 'sendMessage', afterWork: false });
      const crashed = chat.deliver().catch((error: unknown) => error);
      await expect.poll(() => chat.states()).toEqual(['sending']);
      await chat.expireLease();
      // Another attempt takes the lease, and finds Telegram out of reach.
      await desk.emulator.injectFault({ kind: 'drop', method: 'getMe' });
      await expect(chat.deliver()).rejects.toMatchObject({ type: 'TelegramUnavailable' });
      expect(await crashed).toMatchObject({ type: 'TopicBusy' });
    }
    await chat.drain();
    expect(await desk.texts()).toEqual([`${POSSIBLE_REPEAT}\n🧑 Visitor: one`]);
    expect(await chat.states()).toEqual(['sent']);
  });

  it('does not post twice when two deliveries run at once', async () => {
    await open();
    const chat = desk.conversation();
    await chat.says(...Array.from({ length: 30 }, (_, index) => `line ${index}`));
    await desk.emulator.injectFault({ kind: 'delay', method: 'sendMessage', ms: 50, count: 5 });
    for (let round = 0; round < 4; round += 1) {
      await Promise.allSettled([chat.deliver(), chat.deliver(), chat.deliver()]);
    }
    expect(await chat.deliver()).toEqual({ kind: 'idle' });
    expect((await desk.emulator.listTopics()).length).toBe(1);
    const lines = (await desk.texts()).join('\n').match(/line \d+/g);
    expect(lines).toEqual(Array.from({ length: 30 }, (_, index) => `line ${index}`));
  });
});

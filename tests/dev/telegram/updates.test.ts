import type { Telegram } from 'telegraf';
import { describe, expect, it } from 'vitest';
import type { TelegramUpdate } from '../../../dev/telegram/state/telegramTypes.ts';
import {
  agentA,
  agentB,
  botId,
  botToken,
  eventually,
  groupId,
  png,
  refusal,
  startEmulator,
  startWebhook,
} from './emulatorFixture.ts';

async function poll(telegram: Telegram, payload: object = {}): Promise<TelegramUpdate[]> {
  return (await telegram.callApi('getUpdates', payload)) as TelegramUpdate[];
}

describe('getUpdates', () => {
  it('hands updates out until an offset confirms them', async () => {
    const { emulator, telegram } = await startEmulator();
    for (const text of ['one', 'two', 'three']) await emulator.postMessage({ text });
    const first = await poll(telegram, { limit: 2 });
    expect(first.map((update) => update.message?.text)).toEqual(['one', 'two']);
    expect((await poll(telegram))[0]).toEqual(first[0]);
    const next = await poll(telegram, { offset: (first.at(-1)?.update_id ?? 0) + 1 });
    expect(next.map((update) => update.message?.text)).toEqual(['three']);
    await poll(telegram, { offset: (next.at(-1)?.update_id ?? 0) + 1 });
    expect(await emulator.listUpdates()).toEqual([]);
  });

  it('waits for one', async () => {
    const { emulator, telegram } = await startEmulator();
    const waiting = poll(telegram, { timeout: 30 });
    await emulator.postMessage({ text: 'at last' });
    expect(await waiting).toMatchObject([{ message: { text: 'at last' } }]);
  });

  it('ends the first of two pollers, and refuses while a webhook is set', async () => {
    const { emulator, telegram } = await startEmulator();
    const first = refusal(poll(telegram, { timeout: 30 }));
    const second = eventually(async () => (await emulator.listUpdates()).at(0), 'an update');
    // Only when the first one waits does the second one end it.
    const ended = await Promise.race([first, pollUntilRefused(telegram, first)]);
    expect(ended).toEqual({
      code: 409,
      description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    });
    await emulator.postMessage({ text: 'x' });
    await second;
    const { url } = await startWebhook();
    await telegram.setWebhook(url);
    expect((await refusal(poll(telegram))).description).toMatch(/^Conflict: can't use getUpdates method while webhook/);
    await telegram.deleteWebhook();
    await poll(telegram);
  });
});

async function pollUntilRefused<T>(telegram: Telegram, first: Promise<T>): Promise<T> {
  await poll(telegram, { timeout: 1 });
  return first;
}

describe('what agents do', () => {
  it('changes captions and files as it changes texts', async () => {
    const { emulator, telegram } = await startEmulator();
    const { message_thread_id: threadId } = await telegram.createForumTopic(groupId, 'Visitor');
    await poll(telegram);
    const base64 = png.toString('base64');
    const album = { threadId, base64, mediaGroupId: '7' };
    const { messageId } = await emulator.postPhoto({ ...album, caption: 'one' });
    const { messageId: other } = await emulator.postMessage({ threadId, text: 'two' });
    await emulator.editMessage({ messageId, text: 'https://a.example' });
    await emulator.editMedia({ messageId, kind: 'photo', base64 });
    await emulator.editMessage({ messageId, text: '' });
    await emulator.editMedia({ messageId: other, kind: 'document', base64: 'YQ==' });
    await emulator.postLocation({ threadId, latitude: 1, longitude: 2 });
    await emulator.postContact({ threadId, phoneNumber: '1', firstName: 'Kim' });
    const [, posted, , caption, media, none, added, ...more] = (await poll(telegram)).map(
      (update) => update.edited_message ?? update.message,
    );
    expect(caption).toMatchObject({ photo: posted?.photo, caption: 'https://a.example', media_group_id: '7' });
    expect(caption).toMatchObject({ caption_entities: [{ type: 'url' }] });
    expect(caption).not.toHaveProperty('text');
    expect(media).toMatchObject({ caption: 'https://a.example', media_group_id: '7' });
    expect(media?.photo).not.toEqual(posted?.photo);
    expect(none).not.toHaveProperty('caption');
    expect(added).toMatchObject({ document: { file_size: 1 }, caption: 'two' });
    expect(added).not.toHaveProperty('text');
    expect(more).toMatchObject([
      { location: { latitude: 1, longitude: 2 } },
      { contact: { phone_number: '1', first_name: 'Kim' } },
    ]);
  });

  it('arrives as updates of its kind', async () => {
    const { emulator, telegram } = await startEmulator();
    await poll(telegram, { allowed_updates: ['message', 'edited_message', 'callback_query', 'message_reaction'] });
    const { message_thread_id: threadId } = await telegram.createForumTopic(groupId, 'Visitor');
    const card = await telegram.sendMessage(groupId, 'card', {
      message_thread_id: threadId,
      reply_markup: { inline_keyboard: [[{ text: 'Claim', callback_data: 'claim' }]] },
    });
    const { messageId } = await emulator.postMessage({ threadId, userId: agentB, text: 'hello' });
    await emulator.postMessage({ userId: agentB, text: 'a reply', replyToMessageId: card.message_id });
    await emulator.editMessage({ messageId, text: 'hello!' });
    await emulator.react({ messageId, emoji: '🔥' });
    const { callbackQueryId } = await emulator.pressButton({ messageId: card.message_id, data: 'claim' });
    await emulator.postPhoto({ threadId, base64: png.toString('base64'), caption: 'look' });
    await emulator.postDocument({ threadId, base64: 'YQ==', fileName: 'a.txt', mimeType: 'text/plain' });
    await emulator.postVoice({ threadId, base64: 'YQ==' });
    await emulator.closeTopic({ threadId });

    const inTopic = { message_thread_id: threadId, is_topic_message: true };
    const creation = { message_id: threadId, forum_topic_created: { name: 'Visitor' } };
    expect(await poll(telegram)).toMatchObject([
      { message: { from: { id: botId }, forum_topic_created: { name: 'Visitor' } } },
      { message: { ...inTopic, from: { id: agentB, username: 'agent_b' }, text: 'hello', reply_to_message: creation } },
      { message: { ...inTopic, text: 'a reply', reply_to_message: { message_id: card.message_id, text: 'card' } } },
      {
        edited_message: { ...inTopic, message_id: messageId, text: 'hello!', edit_date: expect.any(Number) as number },
      },
      {
        message_reaction: {
          message_id: messageId,
          user: { id: agentA },
          old_reaction: [],
          new_reaction: [{ emoji: '🔥' }],
        },
      },
      {
        callback_query: {
          id: callbackQueryId,
          data: 'claim',
          from: { id: agentA },
          message: { message_id: card.message_id },
        },
      },
      { message: { ...inTopic, caption: 'look', photo: [{ width: 1, height: 1 }] } },
      { message: { ...inTopic, document: { file_name: 'a.txt', mime_type: 'text/plain' } } },
      { message: { ...inTopic, voice: { duration: 1 } } },
      { message: { ...inTopic, forum_topic_closed: {} } },
    ]);
    await telegram.answerCbQuery(callbackQueryId, 'Yours now');
    expect(await emulator.callbackAnswer({ callbackQueryId })).toEqual({ text: 'Yours now', showAlert: false });
    const unknown = await refusal(telegram.answerCbQuery('1'));
    expect(unknown.description).toMatch(/^Bad Request: query is too old/);
  });

  it('includes other bots, anonymous administrators and people without a username', async () => {
    const { emulator, telegram } = await startEmulator();
    const other = await emulator.addUser({ firstName: 'Other Bot', username: 'other_bot', isBot: true });
    const nameless = await emulator.addUser({ firstName: 'Someone' });
    await emulator.addMember({ userId: nameless.userId, status: 'member' });
    await emulator.postMessage({ userId: other.userId, text: 'beep' });
    await emulator.postMessage({ anonymous: true, text: 'as the group' });
    await emulator.postMessage({ userId: nameless.userId, text: 'hi' });
    const [joined, beep, anonymous, hi] = await poll(telegram);
    expect(joined?.message?.new_chat_members).toHaveLength(1);
    expect(beep?.message?.from).toMatchObject({ is_bot: true, username: 'other_bot' });
    expect(anonymous?.message).toMatchObject({
      from: { id: 1_087_968_824, is_bot: true, username: 'GroupAnonymousBot' },
      sender_chat: { id: groupId },
    });
    expect(hi?.message?.from).not.toHaveProperty('username');
  });

  it('is hidden from a bot in privacy mode, commands and replies aside', async () => {
    const { emulator, telegram } = await startEmulator();
    const mine = await telegram.sendMessage(groupId, 'mine');
    const { username } = await telegram.getMe();
    await emulator.setStatus({ userId: botId, status: 'member' });
    for (const text of ['plain', '/help', '/help@another_bot', `/help@${username}`])
      await emulator.postMessage({ text });
    await emulator.postMessage({ text: 'a reply', replyToMessageId: mine.message_id });
    const seen = (await poll(telegram)).flatMap((update) => update.message?.text ?? []);
    expect(seen).toEqual(['/help', `/help@${username}`, 'a reply']);

    await emulator.setPrivacy({ botId, readsAllMessages: true });
    await emulator.postMessage({ text: 'plain now' });
    expect((await poll(telegram)).at(-1)?.message?.text).toBe('plain now');
  });

  it('tells the bot of its own rights, and nothing after it was kicked', async () => {
    const { emulator, telegram } = await startEmulator();
    await emulator.setRights({ userId: botId, rights: { can_manage_topics: false } });
    await emulator.kick({ userId: botId });
    await emulator.postMessage({ text: 'unseen' });
    await emulator.addMember({ userId: botId });
    await emulator.postMessage({ text: 'seen' });
    const updates = await poll(telegram);
    const statuses = updates.flatMap((update) =>
      update.my_chat_member ? [update.my_chat_member.new_chat_member] : [],
    );
    expect(statuses).toMatchObject([
      { status: 'administrator', can_manage_topics: false },
      { status: 'kicked' },
      { status: 'administrator', can_manage_topics: true },
    ]);
    const texts = updates.flatMap((update) => update.message?.text ?? []);
    expect(texts).toEqual(['seen']);
  });
});

describe('a webhook', () => {
  it('gets updates in order with its secret, each until it answers 2xx', async () => {
    const { emulator, telegram } = await startEmulator();
    const hook = await startWebhook(() => (hook.received.length <= 3 ? 503 : 200));
    await telegram.setWebhook(hook.url, { secret_token: 'a-secret' });
    for (const text of ['one', 'two', 'three']) await emulator.postMessage({ text });
    await eventually(async () => ((await emulator.listUpdates()).length === 0 ? true : undefined), 'all deliveries');
    const texts = hook.received.map(({ update }) => update.message?.text);
    expect(texts).toEqual(['one', 'one', 'one', 'one', 'two', 'three']);
    expect(new Set(hook.received.map(({ headers }) => headers['x-telegram-bot-api-secret-token']))).toEqual(
      new Set(['a-secret']),
    );
    const info = await telegram.getWebhookInfo();
    expect(info).toMatchObject({
      url: hook.url,
      pending_update_count: 0,
      last_error_message: 'Wrong response from the webhook: 503 Service Unavailable',
    });
  });

  it('survives a change of token and privacy', async () => {
    const { emulator, telegram } = await startEmulator();
    const hook = await startWebhook();
    await telegram.setWebhook(hook.url);
    await emulator.revokeToken({ botId });
    await emulator.setToken({ botId, token: `${botId}:another-token` });
    await emulator.setPrivacy({ botId, readsAllMessages: true });
    await emulator.postMessage({ text: 'still here' });
    await eventually(() => hook.received[0], 'a delivery');
    expect(hook.received[0]?.update.message?.text).toBe('still here');
  });

  it('gets only the kinds that it asked for, and what waited for it', async () => {
    const { emulator, telegram } = await startEmulator();
    const hook = await startWebhook();
    const { messageId } = await emulator.postMessage({ text: 'before' });
    await telegram.setWebhook(hook.url, { allowed_updates: ['edited_message'] });
    await emulator.postMessage({ text: 'unwanted' });
    await emulator.editMessage({ messageId, text: 'edited' });
    await eventually(() => (hook.received.length === 2 ? true : undefined), 'two deliveries');
    expect(hook.received.map(({ update }) => update)).toMatchObject([
      { message: { text: 'before' } },
      { edited_message: { text: 'edited' } },
    ]);
  });

  it('may get the same update a hundred times at once', async () => {
    const { emulator, telegram } = await startEmulator();
    const hook = await startWebhook();
    await telegram.setWebhook(hook.url);
    const { messageId } = await emulator.postMessage({ text: 'again' });
    await eventually(() => hook.received[0], 'the first delivery');
    const { statuses } = await emulator.repeatUpdate({ messageId, times: 100 });
    expect(statuses).toHaveLength(100);
    expect(hook.received).toHaveLength(101);
    expect(new Set(hook.received.map(({ update }) => update.update_id)).size).toBe(1);
  });

  it('is refused when it is none', async () => {
    const { emulator } = await startEmulator();
    const set = async (body: object) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      return (
        (await (await fetch(`${emulator.url}/bot${botToken}/setWebhook`, init)).json()) as { description: string }
      ).description;
    };
    expect(await set({ url: 'nowhere' })).toBe('Bad Request: invalid webhook URL specified');
    expect(await set({ url: 'https://x.example', secret_token: 'not allowed' })).toBe(
      'Bad Request: secret token contains unallowed characters',
    );
  });
});

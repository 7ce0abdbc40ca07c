import { Api, Bot, GrammyError } from 'grammy';
import { expect, it, onTestFinished } from 'vitest';
import type { TelegramUpdate } from '../../../dev/telegram/state/telegramTypes.ts';
import { botToken, eventually, groupId, startEmulator, startWebhook } from './emulatorFixture.ts';

it('serves grammY: topics, messages, errors', async () => {
  const { emulator } = await startEmulator();
  const api = new Api(botToken, { apiRoot: emulator.url });
  const topic = await api.createForumTopic(groupId, 'Visitor');
  const { message_thread_id } = topic;
  const sent = await api.sendMessage(groupId, '*hi*', { message_thread_id, parse_mode: 'MarkdownV2' });
  expect(sent).toMatchObject({ text: 'hi', entities: [{ type: 'bold' }], message_thread_id });
  await api.setMessageReaction(groupId, sent.message_id, [{ type: 'emoji', emoji: '👍' }]);
  await api.closeForumTopic(groupId, message_thread_id);
  const refused = await api.deleteMessage(groupId, 999).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GrammyError);
  expect(refused).toMatchObject({ error_code: 400, description: 'Bad Request: message to delete not found' });
});

it('gives grammY updates by long polling', async () => {
  const { emulator } = await startEmulator();
  const bot = new Bot(botToken, { client: { apiRoot: emulator.url } });
  const texts: string[] = [];
  bot.on('message:text', async (context) => {
    texts.push(context.message.text);
    await context.reply('got it', { message_thread_id: context.message.message_thread_id });
  });
  const { threadId } = await emulator.createTopic({ name: 'Visitor' });
  const running = bot.start({ drop_pending_updates: false });
  onTestFinished(async () => {
    await bot.stop();
    await running;
  });
  await emulator.postMessage({ threadId, text: 'one' });
  await emulator.postMessage({ threadId, text: 'two' });
  await eventually(() => (texts.length === 2 ? true : undefined), 'two messages');
  expect(texts).toEqual(['one', 'two']);
  const replies = async () => {
    const listed = await emulator.listMessages({ threadId });
    return listed.filter(({ message }) => message.text === 'got it').length === 2 ? true : undefined;
  };
  await eventually(replies, 'two replies');
});

it('gives grammY updates by webhook', async () => {
  const { emulator } = await startEmulator();
  const bot = new Bot(botToken, { client: { apiRoot: emulator.url } });
  await bot.init();
  const seen: string[] = [];
  bot.on('callback_query:data', (context) => context.answerCallbackQuery(`did ${context.callbackQuery.data}`));
  bot.on('edited_message:text', (context) => void seen.push(context.editedMessage.text));
  const hook = await startWebhook(async ({ update }) => {
    await bot.handleUpdate(update as TelegramUpdate & Parameters<typeof bot.handleUpdate>[0]);
    return 200;
  });
  await bot.api.setWebhook(hook.url, { secret_token: 'secret' });
  const card = await bot.api.sendMessage(groupId, 'card', {
    reply_markup: { inline_keyboard: [[{ text: 'Claim', callback_data: 'claim' }]] },
  });
  const { messageId } = await emulator.postMessage({ text: 'helo' });
  await emulator.editMessage({ messageId, text: 'hello' });
  const { callbackQueryId } = await emulator.pressButton({ messageId: card.message_id, data: 'claim' });
  await eventually(() => seen[0], 'the correction');
  const answer = await eventually(
    async () => (await emulator.callbackAnswer({ callbackQueryId })) ?? undefined,
    'the answer',
  );
  expect(seen).toEqual(['hello']);
  expect(answer.text).toBe('did claim');
});

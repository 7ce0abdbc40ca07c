import type { TelegramEmoji, Update } from 'telegraf/types';
import type {
  ChannelResult,
  FileChannel,
  MessageAddress,
  TopicAddress,
  TopicButton,
  TopicChannel,
  TopicText,
} from '../port.ts';
import { ALLOWED_UPDATES, type BotAccount, createBotAccount } from './createBotAccount.ts';
import { createBotCaller, mapValue, TELEGRAM_CALL_TIMEOUT_MS, type TelegramClientOptions } from './createBotCaller.ts';
import { createBotFiles } from './createBotFiles.ts';
import { writeEntities } from './formatting/writeEntities.ts';

/** A bot: its topics, its account, and what it is told. */
export interface TelegramClient extends TopicChannel, FileChannel, BotAccount {
  /** Waits up to `waitSeconds`; `offset` confirms every update below it. `signal` ends the wait. */
  getUpdates(offset: number | undefined, waitSeconds: number, signal: AbortSignal): Promise<ChannelResult<Update[]>>;
  /** Says something in the group's General topic: a write against the group's budget. */
  /** Answers a pressed button; who pressed it sees the text, with `alert` until it is dismissed. Costs nothing of the budget. */
  answerPress(queryId: string, text: string, alert: boolean): Promise<ChannelResult<void>>;
  announce(chatId: string, text: string, silent: boolean): Promise<ChannelResult<{ messageId: string }>>;
}

/** Source: Bot API, answerCallbackQuery. */
const MAX_PRESS_ANSWER = 200;

/** Longest topic name, in UTF-16 code units. Source: Bot API, createForumTopic. */
export const MAX_TOPIC_TITLE = 128;

/** A bot's topics, and what it does as a whole; see {@link createBotCaller} for what its calls promise. */
export function createTelegramClient(options: TelegramClientOptions): TelegramClient {
  const { timeoutMs = TELEGRAM_CALL_TIMEOUT_MS } = options;
  const caller = createBotCaller(options);
  const { call, perform } = caller;

  return {
    ...createBotAccount(caller),
    ...createBotFiles(caller, options),
    async createTopic(chatId, title) {
      const result = await call('createForumTopic', { chat_id: chatId, name: title });
      return mapValue(result, (topic) => ({ threadId: String(topic.message_thread_id) }));
    },
    async send(topic, content, silent) {
      const result = await call('sendMessage', {
        ...topicFields(topic),
        ...textFields(content),
        disable_notification: silent,
        link_preview_options: { is_disabled: true },
      });
      return mapValue(result, (message) => ({ messageId: String(message.message_id) }));
    },
    edit: (message, content) =>
      perform('editMessageText', {
        ...messageFields(message),
        ...textFields(content),
        link_preview_options: { is_disabled: true },
      }),
    pin: (message) => perform('pinChatMessage', { ...messageFields(message), disable_notification: true }),
    react: (message, emoji) =>
      perform('setMessageReaction', {
        ...messageFields(message),
        // telegraf's type lists the emoji that its version knows; Telegram says no to others.
        reaction: [{ type: 'emoji', emoji: emoji as TelegramEmoji }],
      }),
    renameTopic: (topic, title) => perform('editForumTopic', { ...topicFields(topic), name: title }),
    closeTopic: (topic) => perform('closeForumTopic', topicFields(topic)),
    reopenTopic: (topic) => perform('reopenForumTopic', topicFields(topic)),
    deleteTopic: (topic) => perform('deleteForumTopic', topicFields(topic)),
    async answers() {
      const result = await call('getMe', {});
      return result.ok || !isNetworkFailure(result.failure.kind);
    },
    async getUpdates(offset, waitSeconds, signal) {
      const payload = { offset, timeout: waitSeconds, allowed_updates: ALLOWED_UPDATES };
      const result = await call('getUpdates', payload, { timeoutMs: waitSeconds * 1_000 + timeoutMs, signal });
      return mapValue(result, (updates) => updates);
    },
    answerPress: (queryId, text, alert) =>
      perform('answerCallbackQuery', {
        callback_query_id: queryId,
        text: text.slice(0, MAX_PRESS_ANSWER),
        show_alert: alert,
      }),
    async announce(chatId, text, silent) {
      const result = await call('sendMessage', { chat_id: chatId, text, disable_notification: silent });
      return mapValue(result, (message) => ({ messageId: String(message.message_id) }));
    },
  };
}

function isNetworkFailure(kind: string): boolean {
  return kind === 'unavailable' || kind === 'unknown_outcome';
}

function topicFields({ chatId, threadId }: TopicAddress) {
  return { chat_id: chatId, message_thread_id: Number(threadId) };
}

function messageFields({ chatId, messageId }: MessageAddress) {
  return { chat_id: chatId, message_id: Number(messageId) };
}

function textFields({ text, entities, buttons = [] }: TopicText) {
  return {
    text,
    entities: writeEntities(entities),
    ...(buttons.length > 0 && { reply_markup: { inline_keyboard: buttons.map((row) => row.map(keyOf)) } }),
  };
}

function keyOf({ label, order }: TopicButton) {
  return { text: label, callback_data: order };
}

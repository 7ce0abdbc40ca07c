import type { BotCommand, ChatFromGetChat, ChatMember, UserFromGetMe, WebhookInfo } from 'telegraf/types';
import type { ChannelResult } from '../port.ts';
import { type BotCaller, mapValue } from './createBotCaller.ts';

export interface WebhookTarget {
  /** With the secret that leads to the tenant. */
  url: string;
  /** Comes back in the header of every call. */
  headerSecret: string | undefined;
}

/** What a bot is and how it is set up, beside what it writes. None of these calls costs anything of a group's budget. */
export interface BotAccount {
  getMe(): Promise<ChannelResult<UserFromGetMe>>;
  getChat(chatId: string): Promise<ChannelResult<ChatFromGetChat>>;
  /** What somebody is in the group; of others than the bot itself, a bot that is no administrator may not be told. */
  getMembership(chatId: string, userId: string): Promise<ChannelResult<ChatMember>>;
  getWebhook(): Promise<ChannelResult<WebhookInfo>>;
  setWebhook(target: WebhookTarget): Promise<ChannelResult<void>>;
  deleteWebhook(): Promise<ChannelResult<void>>;
  /** The commands that Telegram offers whoever types a slash in the group. */
  offerCommands(chatId: string, commands: readonly BotCommand[]): Promise<ChannelResult<void>>;
}

/** Kinds of update that support needs; others, like `message_reaction`, come only to who asks. */
export const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;

export function createBotAccount({ call, perform }: BotCaller): BotAccount {
  return {
    async getMe() {
      return mapValue(await call('getMe', {}), (me) => me);
    },
    async getChat(chatId) {
      return mapValue(await call('getChat', { chat_id: chatId }), (chat) => chat);
    },
    async getMembership(chatId, userId) {
      const result = await call('getChatMember', { chat_id: chatId, user_id: Number(userId) });
      return mapValue(result, (member) => member);
    },
    async getWebhook() {
      return mapValue(await call('getWebhookInfo', {}), (info) => info);
    },
    setWebhook: ({ url, headerSecret }) =>
      perform('setWebhook', { url, secret_token: headerSecret, allowed_updates: ALLOWED_UPDATES }),
    deleteWebhook: () => perform('deleteWebhook', {}),
    offerCommands: (chatId, commands) =>
      perform('setMyCommands', { commands, scope: { type: 'chat', chat_id: chatId } }),
  };
}

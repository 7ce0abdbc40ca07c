import type { Call, Method } from '../emulator.ts';
import type { BotRecord } from '../state/records.ts';
import { renderUser } from '../state/renderMessage.ts';
import type { Store } from '../state/store.ts';
import type { UpdateKind } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';

const maxSecretLength = 256;

const getMe: Method = ({ store, bot }) => ({
  ...renderUser(store, bot.id),
  can_join_groups: true,
  can_read_all_group_messages: bot.readsAllMessages,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
});

export function pendingUpdates(store: Store, botId: number) {
  return [...store.all('update')].filter((update) => update.botId === botId);
}

/** Takes `allowed_updates` over when given; an empty list means Telegram's defaults. */
export function applyAllowedUpdates(call: Call): void {
  if (!call.parameters.has('allowed_updates')) return;
  const kinds = call.parameters.list<UpdateKind>('allowed_updates');
  call.bot.allowedUpdates = kinds.length > 0 ? kinds : undefined;
  call.store.put('bot', call.bot);
}

function dropPending(call: Call): void {
  if (!call.parameters.flag('drop_pending_updates')) return;
  for (const update of pendingUpdates(call.store, call.bot.id)) call.store.remove('update', update);
}

function setWebhookRecord(store: Store, bot: BotRecord, webhook: BotRecord['webhook']): void {
  bot.webhook = webhook;
  store.put('bot', bot);
}

/** Telegram wants https; the emulator also takes http, since whoever uses it listens on the same machine. */
const setWebhook: Method = (call) => {
  const { parameters, store, bot } = call;
  const url = parameters.text('url');
  const secretToken = parameters.optionalText('secret_token');
  if (url && !(URL.canParse(url) && /^https?:/.test(url))) throw badRequest('invalid webhook URL specified');
  if (secretToken && secretToken.length > maxSecretLength) throw badRequest('secret token is too long');
  if (secretToken && !/^[\w-]+$/.test(secretToken)) throw badRequest('secret token contains unallowed characters');
  applyAllowedUpdates(call);
  dropPending(call);
  const maxConnections = parameters.optionalInteger('max_connections') ?? 40;
  setWebhookRecord(store, bot, url ? { url, maxConnections, ...(secretToken && { secretToken }) } : undefined);
  return true;
};

const deleteWebhook: Method = (call) => {
  dropPending(call);
  setWebhookRecord(call.store, call.bot, undefined);
  return true;
};

const getWebhookInfo: Method = ({ store, bot }) => ({
  url: bot.webhook?.url ?? '',
  has_custom_certificate: false,
  pending_update_count: pendingUpdates(store, bot.id).length,
  ...(bot.webhook && { max_connections: bot.webhook.maxConnections, ip_address: '127.0.0.1' }),
  ...(bot.webhook?.lastErrorAt !== undefined && {
    last_error_date: Math.floor(bot.webhook.lastErrorAt / 1000),
    last_error_message: bot.webhook.lastErrorMessage,
  }),
  ...(bot.allowedUpdates && { allowed_updates: bot.allowedUpdates }),
});

const setMyCommands: Method = ({ store, bot, parameters }) => {
  const commands = parameters.list<BotRecord['commands'][number]>('commands');
  for (const { command, description } of commands) {
    if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
    if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
  }
  bot.commands = commands;
  store.put('bot', bot);
  return true;
};

const done: Method = () => true;

export const botMethods: Record<string, Method> = {
  getMe,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
  setMyCommands,
  logOut: done,
  close: done,
};

import { isAdministrator, isInGroup, memberOf } from '../state/members.ts';
import type { BotRecord, MessageRecord } from '../state/records.ts';
import { renderMessage } from '../state/renderMessage.ts';
import type { Store } from '../state/store.ts';
import type { UpdateBody, UpdateKind } from '../state/telegramTypes.ts';

/** Kinds that a bot gets without asking; the others must be named in `allowed_updates`. */
const defaultKinds: ReadonlySet<UpdateKind> = new Set([
  'message',
  'edited_message',
  'callback_query',
  'my_chat_member',
]);

function wantsUpdate(bot: BotRecord, kind: UpdateKind): boolean {
  return bot.allowedUpdates ? bot.allowedUpdates.includes(kind) : defaultKinds.has(kind);
}

/** Puts an update at the end of a bot's line, unless the bot did not ask for its kind. */
export function enqueueUpdate(store: Store, bot: BotRecord, kind: UpdateKind, queue: string, body: UpdateBody): void {
  if (bot.revoked || !wantsUpdate(bot, kind)) return;
  store.put('update', { botId: bot.id, updateId: bot.nextUpdateId, kind, queue, at: Date.now(), body });
  bot.nextUpdateId += 1;
  store.put('bot', bot);
}

const serviceFields = [
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_closed',
  'forum_topic_reopened',
  'new_chat_members',
  'left_chat_member',
  'new_chat_title',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
] as const;

export function isServiceMessage(record: MessageRecord): boolean {
  return record.pinnedMessageId !== undefined || serviceFields.some((field) => record.content[field] !== undefined);
}

/** What privacy mode lets through: commands without or with this bot's name, and answers to what it wrote. */
function passesPrivacy(store: Store, bot: BotRecord, record: MessageRecord): boolean {
  const member = memberOf(store, record.chatId, bot.id);
  if (bot.readsAllMessages || isAdministrator(member) || isServiceMessage(record)) return true;
  const repliedTo = store.get('message', `${record.chatId}/${record.replyToId}`);
  if (repliedTo?.fromId === bot.id) return true;
  const { text, entities } = record.content;
  const command = entities?.find((entity) => entity.type === 'bot_command' && entity.offset === 0);
  if (!command || text === undefined) return false;
  const addressee = text.slice(0, command.length).split('@')[1];
  return addressee === undefined || addressee.toLowerCase() === store.get('user', bot.id)?.username?.toLowerCase();
}

/**
 * Queues a new or edited message for the bots that see it. A bot gets its own service messages but nothing else that
 * it wrote, and what other bots write only when `fromOtherBots` says that they talk to each other.
 */
export function enqueueMessage(
  store: Store,
  kind: 'message' | 'edited_message',
  record: MessageRecord,
  fromOtherBots = false,
): void {
  const service = isServiceMessage(record);
  const writtenByBot = record.senderChatId === undefined && store.get('user', record.fromId)?.is_bot === true;
  for (const bot of store.all('bot')) {
    if (!isInGroup(memberOf(store, record.chatId, bot.id))) continue;
    if (record.fromId === bot.id && !service) continue;
    if (writtenByBot && record.fromId !== bot.id && !service && !fromOtherBots) continue;
    if (!passesPrivacy(store, bot, record)) continue;
    enqueueUpdate(store, bot, kind, `chat/${record.chatId}`, { [kind]: renderMessage(store, record) });
  }
}

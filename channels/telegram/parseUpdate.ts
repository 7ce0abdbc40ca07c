import { z } from 'zod';
import type { Agent } from '../../contracts/conversation.ts';
import type { TextEntity } from '../../contracts/message.ts';
import { messageEntitySchema, readEntities } from './formatting/readEntities.ts';
import { groupAsAgent } from './groupAsAgent.ts';
import { findCommand, type ParsedCommand, parseCommand, type TopicOrder } from './parseCommand.ts';
import { type MembershipChange, parseMembership } from './parseMembership.ts';
import { type ButtonPress, parsePress } from './parsePress.ts';
import { type SentFile, sentFileOf, stickerWord } from './sentFile.ts';
import { contentThatStays } from './stayingContent.ts';

/** Where something was said. `key` identifies it for ever, however often Telegram repeats the update. */
interface Said {
  chatId: string;
  threadId: string;
  key: string;
  agent: Agent;
  /** When a bot made the topic, in epoch milliseconds, as far as the update tells. */
  topicMadeAt?: number;
  /** Epoch milliseconds. */
  editedAt?: number;
}

export type IgnoredReason =
  | 'not_a_message'
  | 'edited_command'
  | 'private_chat'
  | 'general_topic'
  | 'service_message'
  | 'sent_by_a_bot'
  | 'sent_as_a_channel'
  | 'no_text';

/** `entities` is the formatting that the visitor's widget knows too. */
interface Words {
  text: string;
  entities: TextEntity[];
}

/** Parts of an album have its `id` in common. By its caption one may keep all of it from the visitor; `mistake` is for the agents. */
interface AlbumPart {
  album?: { id: string; place: number };
  internal?: { mistake?: string };
}

/** What a message in the topic answers: `quote` is what the agent picked out of it. */
export interface Answered {
  messageId: number;
  key: string;
  quote?: string;
}

export type ParsedUpdate =
  /** A file may have no text. */
  | ({ kind: 'message'; file?: SentFile; replyTo?: Answered } & AlbumPart & Words & Said)
  /** The message with this key says something else now, or has another file; `editedAt` is epoch milliseconds. */
  | ({ kind: 'edit'; file?: SentFile; editedAt: number } & Words & Said)
  | ({ kind: 'press' } & ButtonPress & Said)
  /** `addressee` is the bot's user name that the command names: with several bots in a group it may be another's. */
  | ({ kind: 'command'; order: TopicOrder; addressee?: string } & Said)
  /** A press of which nothing can come, but that is to be answered. */
  | { kind: 'lostPress'; queryId: string }
  /** A command in the General topic, where no conversation is. */
  | { kind: 'misplacedCommand'; chatId: string; addressee?: string }
  | MembershipChange
  | GroupUpgrade
  | { kind: 'ignored'; reason: IgnoredReason };

/** The group has another id from now on, under which its topics go on. */
export interface GroupUpgrade {
  kind: 'upgraded';
  chatId: string;
  newChatId: string;
}
/** Of what a caption may ask for, a note alone makes sense beside a file: the rest would lose the file without a word. */
const NO_COMMAND_WITH_FILES =
  'A command goes alone, without files. Nothing was done, and the visitor has seen nothing.';

/** Telegram's own account for administrators who write in the group's name. */
const GROUP_ANONYMOUS_BOT = 1_087_968_824;

const messageSchema = z.object({
  message_id: z.number(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  date: z.number(),
  chat: z.object({ id: z.number(), type: z.string() }),
  from: z
    .object({ id: z.number(), is_bot: z.boolean(), first_name: z.string(), last_name: z.string().optional() })
    .optional(),
  sender_chat: z.object({ id: z.number() }).optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: z.array(messageEntitySchema).optional(),
  caption_entities: z.array(messageEntitySchema).optional(),
  edit_date: z.number().optional(),
  media_group_id: z.string().optional(),
  reply_to_message: z.unknown().optional(),
  quote: z.object({ text: z.string() }).optional(),
  migrate_to_chat_id: z.number().optional(),
  migrate_from_chat_id: z.number().optional(),
});
type TelegramMessage = z.infer<typeof messageSchema>;

const updateSchema = z.object({
  update_id: z.number(),
  message: z.unknown().optional(),
  edited_message: z.unknown().optional(),
  callback_query: z.unknown().optional(),
  my_chat_member: z.unknown().optional(),
});

/** The topic's first message, to which every plain message in it is an answer. */
const topicStartSchema = z.object({
  date: z.number(),
  from: z.object({ is_bot: z.literal(true) }),
  forum_topic_created: z.object({}),
});

const originalSchema = z.object({ message_id: z.number(), forum_topic_created: z.unknown().optional() });

/** A topic that was closed or opened by hand: the conversation with it. */
const BY_HAND = [
  ['forum_topic_closed', 'close'],
  ['forum_topic_reopened', 'reopen'],
] as const;

/** Kinds of content that a person may send; a message without any is a service message. */
const CONTENT_FIELDS = ['text', 'photo', 'document', 'voice', 'audio', 'video', 'video_note', 'animation', 'sticker'];

/** What an update means for support. */
export function parseUpdate(update: unknown): ParsedUpdate {
  const envelope = updateSchema.safeParse(update);
  if (!envelope.success) return ignored('not_a_message');
  if (envelope.data.callback_query !== undefined) return pressed(envelope.data.callback_query);
  if (envelope.data.edited_message !== undefined) return edited(parseMessage(envelope.data.edited_message));
  const change = parseMembership(envelope.data.my_chat_member);
  if (change) return change;
  return parseMessage(envelope.data.message);
}

/** Telegram tells it in both groups, the one that was and the one that is. */
function upgradeOf({
  chat,
  migrate_to_chat_id: to,
  migrate_from_chat_id: from,
}: TelegramMessage): GroupUpgrade | undefined {
  if (to !== undefined) return { kind: 'upgraded', chatId: String(chat.id), newChatId: String(to) };
  if (from !== undefined) return { kind: 'upgraded', chatId: String(from), newChatId: String(chat.id) };
  return undefined;
}

function parseMessage(content: unknown): ParsedUpdate {
  const parsed = messageSchema.safeParse(content);
  if (!parsed.success) return ignored('not_a_message');
  const message = parsed.data;
  const chatId = String(message.chat.id);
  if (message.chat.type !== 'supergroup' && message.chat.type !== 'group') return ignored('private_chat');
  const upgrade = upgradeOf(message);
  if (upgrade) return upgrade;
  const order = orderByHand(content);
  if (!order && !hasContent(content)) return ignored('service_message');
  if (!message.is_topic_message || message.message_thread_id === undefined) return inGeneral(message);
  const agent = agentOf(message);
  if (typeof agent === 'string') return ignored(agent);
  const threadId = String(message.message_thread_id);
  const key = messageKey(chatId, message.message_id);
  const said: Said = { chatId, threadId, key, agent, ...topicStart(message), ...editDate(message) };
  if (order) return { kind: 'command', order, ...said };
  const answer = answered(message);
  const rest = { ...said, ...(answer ? { replyTo: answer } : {}) };
  const staying = contentThatStays(content);
  if (staying) return { kind: 'command', order: { name: 'mistaken', words: staying }, ...said };
  const file = sentFileOf(content);
  const text = message.text ?? message.caption ?? stickerWord(content) ?? '';
  const entities = readEntities(text, message.entities ?? message.caption_entities ?? []);
  const command = commandOf(message, { text, hasFile: file !== undefined });
  if (file && message.media_group_id !== undefined) {
    const album = { id: message.media_group_id, place: message.message_id };
    const words = command ? internalWords(command) : { text, entities };
    return { kind: 'message', ...words, file, album, ...rest };
  }
  if (command) return { kind: 'command', ...command, ...said };
  if (text.trim() === '') return file ? { kind: 'message', text: '', entities: [], file, ...rest } : ignored('no_text');
  return { kind: 'message', text, entities, ...(file ? { file } : {}), ...rest };
}

function commandOf({ date }: TelegramMessage, said: { text: string; hasFile: boolean }): ParsedCommand | undefined {
  const command = parseCommand(said.text, date * 1_000);
  if (!command || !said.hasFile || command.order.name === 'note' || command.order.name === 'mistaken') return command;
  return { order: { name: 'mistaken', words: NO_COMMAND_WITH_FILES } };
}

/** What a part of an album says whose caption is no word for the visitor. */
function internalWords({ order }: ParsedCommand): Words & AlbumPart {
  const mistake = order.name === 'mistaken' ? { mistake: order.words } : {};
  return { text: order.name === 'note' ? order.text : '', entities: [], internal: mistake };
}

/** A message that has become a command or a note is none: what it said before is with the visitor. */
function edited(now: ParsedUpdate): ParsedUpdate {
  if (now.kind === 'command' || (now.kind === 'message' && now.internal)) return ignored('edited_command');
  if (now.kind !== 'message') return now;
  const { text, entities, file, chatId, threadId, key, agent, editedAt = 0 } = now;
  return { kind: 'edit', text, entities, ...(file ? { file } : {}), chatId, threadId, key, agent, editedAt };
}

function pressed(query: unknown): ParsedUpdate {
  const press = parsePress(query);
  if (!press) return ignored('not_a_message');
  return 'order' in press ? { kind: 'press', ...press } : { kind: 'lostPress', ...press };
}

/** What agents say there is theirs; a command they would wait for in vain. */
function inGeneral(message: TelegramMessage): ParsedUpdate {
  const command = typeof agentOf(message) === 'string' ? undefined : findCommand(message.text ?? '');
  return command ? { kind: 'misplacedCommand', chatId: String(message.chat.id), ...command } : ignored('general_topic');
}

function messageKey(chatId: string, messageId: number): string {
  return `tg:${chatId}:${messageId}`;
}

/** The person who wrote, or why it was none. */
function agentOf({ from, sender_chat, chat }: TelegramMessage): Agent | IgnoredReason {
  if (sender_chat) {
    const inTheGroupsName = sender_chat.id === chat.id && (!from || from.id === GROUP_ANONYMOUS_BOT);
    return inTheGroupsName ? groupAsAgent(String(sender_chat.id)) : 'sent_as_a_channel';
  }
  if (!from || from.is_bot) return 'sent_by_a_bot';
  return { id: `telegram:${from.id}`, name: [from.first_name, from.last_name].filter(Boolean).join(' ') };
}

function orderByHand(content: unknown): TopicOrder | undefined {
  const [, name] = BY_HAND.find(([field]) => typeof content === 'object' && content !== null && field in content) ?? [];
  return name && { name };
}

/** A plain message in a topic answers the topic's creation, which is nothing that anybody said. */
function answered({ chat, reply_to_message, quote }: TelegramMessage): Answered | undefined {
  const original = originalSchema.safeParse(reply_to_message).data;
  if (!original || original.forum_topic_created !== undefined) return undefined;
  const { message_id: messageId } = original;
  return { messageId, key: messageKey(String(chat.id), messageId), ...(quote ? { quote: quote.text } : {}) };
}

function editDate({ edit_date }: TelegramMessage): Pick<Said, 'editedAt'> {
  return edit_date === undefined ? {} : { editedAt: edit_date * 1_000 };
}

function topicStart({ reply_to_message }: TelegramMessage): Pick<Said, 'topicMadeAt'> {
  const start = topicStartSchema.safeParse(reply_to_message).data;
  return start ? { topicMadeAt: start.date * 1_000 } : {};
}

function hasContent(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    (CONTENT_FIELDS.some((field) => field in message) || contentThatStays(message) !== undefined)
  );
}

function ignored(reason: IgnoredReason): ParsedUpdate {
  return { kind: 'ignored', reason };
}

import { z } from 'zod';
import type { Agent } from '../../contracts/conversation.ts';
import { parseCommand, type TopicOrder } from './parseCommand.ts';
import { type MembershipChange, parseMembership } from './parseMembership.ts';
import { type SentFile, sentFileOf, stickerWord } from './sentFile.ts';

/** Where something was said. `key` identifies it for ever, however often Telegram repeats the update. */
interface Said {
  chatId: string;
  threadId: string;
  key: string;
  agent: Agent;
  /** When a bot made the topic, in epoch milliseconds, as far as the update tells. */
  topicMadeAt?: number;
}

export type IgnoredReason =
  | 'not_a_message'
  | 'edited'
  | 'private_chat'
  | 'general_topic'
  | 'service_message'
  | 'sent_by_a_bot'
  | 'sent_as_a_channel'
  | 'no_text';

export type ParsedUpdate =
  /** Parts of an album have its `id` in common; a file may have no text. */
  | ({ kind: 'message'; text: string; file?: SentFile; album?: { id: string; place: number } } & Said)
  /** `addressee` is the bot's user name that the command names: with several bots in a group it may be another's. */
  | ({ kind: 'command'; order: TopicOrder; addressee?: string } & Said)
  | MembershipChange
  | { kind: 'ignored'; reason: IgnoredReason };

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
  media_group_id: z.string().optional(),
  reply_to_message: z.unknown().optional(),
});
type TelegramMessage = z.infer<typeof messageSchema>;

const updateSchema = z.object({
  update_id: z.number(),
  message: z.unknown().optional(),
  edited_message: z.unknown().optional(),
  my_chat_member: z.unknown().optional(),
});

/** The topic's first message, to which every plain message in it is an answer. */
const topicStartSchema = z.object({
  date: z.number(),
  from: z.object({ is_bot: z.literal(true) }),
  forum_topic_created: z.object({}),
});

/** A topic that was closed or opened by hand: the conversation with it. */
const BY_HAND = [
  ['forum_topic_closed', 'close'],
  ['forum_topic_reopened', 'reopen'],
] as const;

/** Kinds of content that a person may send; a message without any is a service message. */
const CONTENT_FIELDS = [
  ...['text', 'photo', 'document', 'voice', 'audio', 'video', 'video_note', 'animation', 'sticker'],
  ...['location', 'venue', 'contact', 'poll', 'dice', 'story', 'paid_media', 'checklist'],
];

/** What an update means for support. */
export function parseUpdate(update: unknown): ParsedUpdate {
  const envelope = updateSchema.safeParse(update);
  if (!envelope.success) return ignored('not_a_message');
  if (envelope.data.edited_message !== undefined) return ignored('edited');
  const change = parseMembership(envelope.data.my_chat_member);
  if (change) return change;
  const parsed = messageSchema.safeParse(envelope.data.message);
  if (!parsed.success) return ignored('not_a_message');
  const message = parsed.data;
  const chatId = String(message.chat.id);
  if (message.chat.type !== 'supergroup' && message.chat.type !== 'group') return ignored('private_chat');
  const content = envelope.data.message;
  const order = orderByHand(content);
  if (!order && !hasContent(content)) return ignored('service_message');
  if (!message.is_topic_message || message.message_thread_id === undefined) return ignored('general_topic');
  const agent = agentOf(message);
  if (typeof agent === 'string') return ignored(agent);
  const threadId = String(message.message_thread_id);
  const said: Said = { chatId, threadId, key: `tg:${chatId}:${message.message_id}`, agent, ...topicStart(message) };
  if (order) return { kind: 'command', order, ...said };
  const file = sentFileOf(content);
  const text = message.text ?? message.caption ?? stickerWord(content) ?? '';
  if (file && message.media_group_id !== undefined) {
    return { kind: 'message', text, file, album: { id: message.media_group_id, place: message.message_id }, ...said };
  }
  if (text.trim() === '') return file ? { kind: 'message', text: '', file, ...said } : ignored('no_text');
  const understood = understand(text, said, message.date * 1_000);
  return file && understood.kind === 'message' ? { ...understood, file } : understood;
}

function understand(text: string, said: Said, sentAt: number): ParsedUpdate {
  const parsed = parseCommand(text, sentAt);
  if (parsed === undefined) return { kind: 'message', text, ...said };
  return { kind: 'command', ...parsed, ...said };
}

/** The person who wrote, or why it was none. */
function agentOf({ from, sender_chat, chat }: TelegramMessage): Agent | IgnoredReason {
  if (sender_chat) {
    const inTheGroupsName = sender_chat.id === chat.id && (!from || from.id === GROUP_ANONYMOUS_BOT);
    return inTheGroupsName ? { id: `telegram:${sender_chat.id}`, name: 'Support' } : 'sent_as_a_channel';
  }
  if (!from || from.is_bot) return 'sent_by_a_bot';
  return { id: `telegram:${from.id}`, name: [from.first_name, from.last_name].filter(Boolean).join(' ') };
}

function orderByHand(content: unknown): TopicOrder | undefined {
  const [, name] = BY_HAND.find(([field]) => typeof content === 'object' && content !== null && field in content) ?? [];
  return name && { name };
}

function topicStart({ reply_to_message }: TelegramMessage): Pick<Said, 'topicMadeAt'> {
  const start = topicStartSchema.safeParse(reply_to_message).data;
  return start ? { topicMadeAt: start.date * 1_000 } : {};
}

function hasContent(message: unknown): boolean {
  return typeof message === 'object' && message !== null && CONTENT_FIELDS.some((field) => field in message);
}

function ignored(reason: IgnoredReason): ParsedUpdate {
  return { kind: 'ignored', reason };
}

import { z } from 'zod';
import type { Agent } from '../../contracts/conversation.ts';
import { parseCommand, type TopicOrder } from './parseCommand.ts';

/** Where something was said. `key` identifies it for ever, however often Telegram repeats the update. */
interface Said {
  chatId: string;
  threadId: string;
  key: string;
  agent: Agent;
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
  | ({ kind: 'message'; text: string } & Said)
  /** `addressee` is the bot's user name that the command names: with several bots in a group it may be another's. */
  | ({ kind: 'command'; order: TopicOrder; addressee?: string } & Said)
  /** The bot was let in, or given its rights: what could not be delivered may be possible now. */
  | { kind: 'repaired' }
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
});
type TelegramMessage = z.infer<typeof messageSchema>;

const updateSchema = z.object({
  update_id: z.number(),
  message: z.unknown().optional(),
  edited_message: z.unknown().optional(),
  my_chat_member: z.unknown().optional(),
});

/** The bot's own membership. A group may let plain members make topics. */
const ableMemberSchema = z.object({
  new_chat_member: z.union([
    z.object({ status: z.literal('administrator'), can_manage_topics: z.literal(true) }),
    z.object({ status: z.literal('member') }),
  ]),
});

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
  if (ableMemberSchema.safeParse(envelope.data.my_chat_member).success) return { kind: 'repaired' };
  const parsed = messageSchema.safeParse(envelope.data.message);
  if (!parsed.success) return ignored('not_a_message');
  const message = parsed.data;
  const chatId = String(message.chat.id);
  if (message.chat.type !== 'supergroup' && message.chat.type !== 'group') return ignored('private_chat');
  if (!hasContent(envelope.data.message)) return ignored('service_message');
  if (!message.is_topic_message || message.message_thread_id === undefined) return ignored('general_topic');
  const agent = agentOf(message);
  if (typeof agent === 'string') return ignored(agent);
  if (message.text === undefined || message.text.trim() === '') return ignored('no_text');
  const threadId = String(message.message_thread_id);
  const said: Said = { chatId, threadId, key: `tg:${chatId}:${message.message_id}`, agent };
  return understand(message.text, said, message.date * 1_000);
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

function hasContent(message: unknown): boolean {
  return typeof message === 'object' && message !== null && CONTENT_FIELDS.some((field) => field in message);
}

function ignored(reason: IgnoredReason): ParsedUpdate {
  return { kind: 'ignored', reason };
}

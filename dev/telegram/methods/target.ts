import type { Call } from '../emulator.ts';
import { groupForBot, hasRight, mayWriteInTopic, memberOf, topicOf } from '../state/members.ts';
import type { GroupRecord, MessageRecord, RightName } from '../state/records.ts';
import type { ReplyParameters } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';

/** The General topic's id, which the Bot API refuses in `message_thread_id`. */
const generalTopicId = 1;

/** The group named by `chat_id`, noted for the write log. */
export function targetGroup(call: Call): GroupRecord {
  const group = groupForBot(call.store, call.parameters.chatId(), call.bot.id);
  call.note.chatId = group.id;
  return group;
}

/** @param text what Telegram says is missing, e.g. 'not enough rights to pin a message' */
export function requireRight(call: Call, group: GroupRecord, right: RightName, text: string): void {
  if (!hasRight(memberOf(call.store, group.id, call.bot.id), right)) throw badRequest(text);
}

/** @param purpose as in Telegram's text: 'message to edit', 'message to pin' */
export function targetMessage(call: Call, group: GroupRecord, purpose: string): MessageRecord {
  const record = call.store.get('message', `${group.id}/${call.parameters.integer('message_id')}`);
  if (!record) throw badRequest(`${purpose} not found`);
  call.note.messageId = record.messageId;
  call.note.threadId = record.threadId;
  return record;
}

export interface Destination {
  group: GroupRecord;
  threadId?: number;
  replyToId?: number;
  quote?: string;
}

/** Where a new message goes, after all reasons not to let it in. */
export function destination(call: Call): Destination {
  const group = targetGroup(call);
  const reply = replyTarget(call, group);
  const threadId = call.parameters.optionalInteger('message_thread_id') ?? reply?.record.threadId;
  call.note.threadId = threadId;
  const member = memberOf(call.store, group.id, call.bot.id);
  if (member?.status === 'restricted') throw badRequest('not enough rights to send text messages to the chat');
  if (threadId !== undefined) {
    const topic = threadId === generalTopicId ? undefined : topicOf(call.store, group.id, threadId);
    if (!topic) throw badRequest('message thread not found');
    if (!mayWriteInTopic(topic, member)) throw badRequest('TOPIC_CLOSED');
  }
  return {
    group,
    ...(threadId !== undefined && { threadId }),
    ...(reply && { replyToId: reply.record.messageId }),
    ...(reply?.quote && { quote: reply.quote }),
  };
}

function replyTarget(call: Call, group: GroupRecord): { record: MessageRecord; quote?: string } | undefined {
  const { parameters, store } = call;
  const given = parameters.object<ReplyParameters>('reply_parameters');
  const messageId = given?.message_id ?? parameters.optionalInteger('reply_to_message_id');
  if (messageId === undefined) return undefined;
  const record = store.get('message', `${group.id}/${messageId}`);
  if (record) return { record, ...(given?.quote && { quote: given.quote }) };
  if (given?.allow_sending_without_reply || parameters.flag('allow_sending_without_reply')) return undefined;
  throw badRequest('message to be replied not found');
}

import type { Call, Method } from '../emulator.ts';
import { addMessage, changeMessage, removeMessage } from '../state/changeMessages.ts';
import { groupForBot, hasRight, memberOf } from '../state/members.ts';
import type { GroupRecord, MessageRecord } from '../state/records.ts';
import { renderMessage } from '../state/renderMessage.ts';
import type { MessageContent, TelegramEntity } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';
import { formatText } from '../text/formatText.ts';
import { isServiceMessage } from '../updates/enqueueUpdates.ts';
import { readReplyMarkup } from './replyMarkup.ts';
import { takeWrites } from './takeWrites.ts';
import { type Destination, destination, targetGroup, targetMessage } from './target.ts';

/** Adds the message of a sending method: takes its write, notes it and renders it. */
export function post(call: Call, to: Destination, content: MessageContent, extra: Partial<MessageRecord> = {}) {
  const { group, ...place } = to;
  const replyMarkup = readReplyMarkup(call.parameters);
  const record = addMessage(call.store, {
    chatId: group.id,
    fromId: call.bot.id,
    ...place,
    content,
    ...(replyMarkup && { replyMarkup }),
    ...extra,
  });
  call.note.messageId = record.messageId;
  return renderMessage(call.store, record);
}

function readText(call: Call): Pick<MessageContent, 'text' | 'entities'> {
  const { parameters } = call;
  const given = parameters.list<TelegramEntity>('entities');
  const { text, entities } = formatText(parameters.text('text'), parameters.optionalText('parse_mode'), given, 'text');
  return { text, ...(entities.length > 0 && { entities }) };
}

const sendMessage: Method = (call) => {
  const content = readText(call);
  readReplyMarkup(call.parameters);
  const to = destination(call);
  takeWrites(call, to.group);
  return post(call, to, content);
};

function editable(call: Call, group: GroupRecord): MessageRecord {
  const record = targetMessage(call, group, 'message to edit');
  if (record.fromId !== call.bot.id || isServiceMessage(record)) throw badRequest("message can't be edited");
  return record;
}

function applyEdit(call: Call, group: GroupRecord, record: MessageRecord, change: Partial<MessageRecord>): unknown {
  const next = { ...record, ...change };
  const before = JSON.stringify([record.content, record.replyMarkup]);
  if (JSON.stringify([next.content, next.replyMarkup]) === before) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same ' +
        'as a current content and reply markup of the message',
    );
  }
  takeWrites(call, group);
  return renderMessage(call.store, changeMessage(call.store, record, change));
}

const editMessageText: Method = (call) => {
  if (!call.parameters.has('text')) throw badRequest('message text is empty');
  const content = readText(call);
  const replyMarkup = readReplyMarkup(call.parameters);
  const group = targetGroup(call);
  const record = editable(call, group);
  if (record.content.text === undefined) throw badRequest('there is no text in the message to edit');
  return applyEdit(call, group, record, { content, replyMarkup });
};

const editMessageReplyMarkup: Method = (call) => {
  const replyMarkup = readReplyMarkup(call.parameters);
  const group = targetGroup(call);
  return applyEdit(call, group, editable(call, group), { replyMarkup });
};

function mayDelete(call: Call, group: GroupRecord, record: MessageRecord): boolean {
  return record.fromId === call.bot.id || hasRight(memberOf(call.store, group.id, call.bot.id), 'can_delete_messages');
}

const deleteMessage: Method = (call) => {
  const group = targetGroup(call);
  const record = targetMessage(call, group, 'message to delete');
  if (!mayDelete(call, group, record)) throw badRequest("message can't be deleted");
  removeMessage(call.store, record);
  return true;
};

const deleteMessages: Method = (call) => {
  const group = targetGroup(call);
  for (const id of call.parameters.list<number>('message_ids')) {
    const record = call.store.get('message', `${group.id}/${id}`);
    if (record && mayDelete(call, group, record)) removeMessage(call.store, record);
  }
  return true;
};

/** The message that copyMessage and forwardMessage take from another (or the same) group. */
function source(call: Call, purpose: string): MessageRecord {
  const from = groupForBot(call.store, call.parameters.chatId('from_chat_id'), call.bot.id);
  const record = call.store.get('message', `${from.id}/${call.parameters.integer('message_id')}`);
  if (!record || isServiceMessage(record)) throw badRequest(`${purpose} not found`);
  return record;
}

const copyMessage: Method = (call) => {
  const { parameters } = call;
  const record = source(call, 'message to copy');
  const content = { ...record.content };
  if (parameters.has('caption') && content.text === undefined) {
    const given = parameters.list<TelegramEntity>('caption_entities');
    const mode = parameters.optionalText('parse_mode');
    const caption = formatText(parameters.text('caption'), mode, given, 'caption');
    content.caption = caption.text;
    content.caption_entities = caption.entities;
  }
  const to = destination(call);
  takeWrites(call, to.group);
  return { message_id: post(call, to, content).message_id };
};

const forwardMessage: Method = (call) => {
  const record = source(call, 'message to forward');
  const to = destination(call);
  takeWrites(call, to.group);
  return post(call, to, record.content, { forwardOf: { at: record.at, userId: record.fromId } });
};

/** Puts a pin's service message where the pinned message is. */
const pinChatMessage: Method = (call) => {
  const group = targetGroup(call);
  const record = targetMessage(call, group, 'message to pin');
  requirePinRight(call, group);
  takeWrites(call, group);
  group.pinnedMessageIds = [...group.pinnedMessageIds.filter((id) => id !== record.messageId), record.messageId];
  call.store.put('group', group);
  addMessage(call.store, {
    chatId: group.id,
    fromId: call.bot.id,
    ...(record.threadId !== undefined && { threadId: record.threadId }),
    content: {},
    pinnedMessageId: record.messageId,
  });
  return true;
};

function requirePinRight(call: Call, group: GroupRecord): void {
  if (!hasRight(memberOf(call.store, group.id, call.bot.id), 'can_pin_messages')) {
    throw badRequest('not enough rights to manage pinned messages in the chat');
  }
}

const unpinChatMessage: Method = (call) => {
  const group = targetGroup(call);
  requirePinRight(call, group);
  const id = call.parameters.optionalInteger('message_id') ?? group.pinnedMessageIds.at(-1);
  if (id === undefined || !group.pinnedMessageIds.includes(id)) throw badRequest('message to unpin not found');
  group.pinnedMessageIds = group.pinnedMessageIds.filter((pinned) => pinned !== id);
  call.store.put('group', group);
  return true;
};

const unpinAllForumTopicMessages: Method = (call) => {
  const group = targetGroup(call);
  requirePinRight(call, group);
  const threadId = call.parameters.integer('message_thread_id');
  const isOfTopic = (id: number) => call.store.get('message', `${group.id}/${id}`)?.threadId === threadId;
  group.pinnedMessageIds = group.pinnedMessageIds.filter((id) => !isOfTopic(id));
  call.store.put('group', group);
  return true;
};

export const messageMethods: Record<string, Method> = {
  sendMessage,
  editMessageText,
  editMessageReplyMarkup,
  deleteMessage,
  deleteMessages,
  copyMessage,
  forwardMessage,
  pinChatMessage,
  unpinChatMessage,
  unpinAllForumTopicMessages,
};

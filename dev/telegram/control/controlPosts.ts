import { randomInt } from 'node:crypto';
import { imageSize } from '../methods/imageSize.ts';
import { type MediaKind, mediaContent } from '../methods/mediaMethods.ts';
import { isValidReaction } from '../methods/reactionMethods.ts';
import { addMessage, changeMessage, removeMessage, textOf } from '../state/changeMessages.ts';
import { isAdministrator, memberOf } from '../state/members.ts';
import type { MessageRecord } from '../state/records.ts';
import { renderChat, renderMessage, renderUser } from '../state/renderMessage.ts';
import type { MessageContent, Reaction } from '../state/telegramTypes.ts';
import { formatText } from '../text/formatText.ts';
import { enqueueUpdate } from '../updates/enqueueUpdates.ts';
import type { ControlParts } from './controlParts.ts';
import { actorId, ControlError, groupOf, messageRecord, topicRecord } from './defaults.ts';
import type { EmulatorControl, FileInput, PostInput, UploadInput } from './emulatorControl.ts';

type PostControl = Pick<
  EmulatorControl,
  | 'postMessage'
  | 'postPhoto'
  | 'postDocument'
  | 'postVoice'
  | 'postLocation'
  | 'postContact'
  | 'editMessage'
  | 'editMedia'
  | 'deleteMessage'
  | 'react'
  | 'pressButton'
  | 'callbackAnswer'
>;

function plainText(text: string): MessageContent {
  const formatted = formatText(text, undefined, [], 'text');
  return { text: formatted.text, ...(formatted.entities.length > 0 && { entities: formatted.entities }) };
}

function captionOf(source: string): MessageContent {
  const { text, entities } = formatText(source, undefined, [], 'caption');
  return text === '' ? {} : { caption: text, ...(entities.length > 0 && { caption_entities: entities }) };
}

function place({ store }: ControlParts, input: PostInput): Pick<MessageRecord, 'chatId' | 'threadId' | 'replyToId'> {
  const group = groupOf(store, input.groupId);
  const repliedTo =
    input.replyToMessageId === undefined ? undefined : messageRecord(store, group.id, input.replyToMessageId);
  const threadId = input.threadId ?? repliedTo?.threadId;
  if (threadId !== undefined) topicRecord(store, group.id, threadId);
  return {
    chatId: group.id,
    ...(threadId !== undefined && { threadId }),
    ...(repliedTo && { replyToId: repliedTo.messageId }),
  };
}

function postAs(parts: ControlParts, input: PostInput, content: MessageContent, extra: Partial<MessageRecord> = {}) {
  const where = place(parts, input);
  const fromId = actorId(parts.store, where.chatId, input.userId);
  const sender = { fromId, ...(input.anonymous && { senderChatId: where.chatId }) };
  // What another bot is made to write here is meant to be seen.
  const { messageId } = addMessage(parts.store, { ...where, ...sender, content, ...extra }, true);
  return { messageId };
}

/** The content of a message that carries this file, without words. */
function fileContent(parts: ControlParts, kind: MediaKind, input: UploadInput): MessageContent {
  const bytes = Buffer.from(input.base64, 'base64');
  const size = imageSize(bytes);
  if (kind === 'photo' && !size) throw new ControlError('not a PNG, JPEG or GIF');
  const upload = {
    name: input.fileName ?? `${kind}.${kind === 'photo' ? 'jpg' : kind === 'voice' ? 'ogg' : 'bin'}`,
    mimeType: input.mimeType ?? (kind === 'voice' ? 'audio/ogg' : 'application/octet-stream'),
    bytes,
  };
  const content = mediaContent(kind, parts.files.add(parts.store, upload, kind), size);
  if (content.voice) content.voice.duration = 1;
  return content;
}

function postFile(parts: ControlParts, kind: MediaKind, input: FileInput) {
  const content = { ...fileContent(parts, kind, input), ...captionOf(input.caption ?? '') };
  return postAs(parts, input, content, input.mediaGroupId ? { mediaGroupId: input.mediaGroupId } : {});
}

function setReaction(parts: ControlParts, record: MessageRecord, userId: number, emoji: string | null): void {
  const { store } = parts;
  const reaction: Reaction[] = emoji === null ? [] : [{ type: 'emoji', emoji }];
  if (!reaction.every(isValidReaction)) throw new ControlError('Telegram has no such reaction');
  const before = record.reactions.find((own) => own.userId === userId)?.reaction ?? [];
  const others = record.reactions.filter((own) => own.userId !== userId);
  const own = reaction.length > 0 ? [{ userId, reaction }] : [];
  store.put('message', { ...record, reactions: [...others, ...own] });
  const message_reaction = {
    chat: renderChat(groupOf(store, record.chatId)),
    message_id: record.messageId,
    user: renderUser(store, userId),
    date: Math.floor(Date.now() / 1000),
    old_reaction: before,
    new_reaction: reaction,
  };
  for (const bot of store.all('bot')) {
    if (!isAdministrator(memberOf(store, record.chatId, bot.id))) continue;
    enqueueUpdate(store, bot, 'message_reaction', `reaction/${record.chatId}`, { message_reaction });
  }
}

function press(parts: ControlParts, record: MessageRecord, userId: number, data: string): string {
  const { store } = parts;
  const buttons = record.replyMarkup?.inline_keyboard.flat() ?? [];
  const bot = store.get('bot', record.fromId);
  if (!bot || !buttons.some((button) => button.callback_data === data)) throw new ControlError('no such button');
  const id = String(randomInt(2 ** 47));
  store.put('callback', {
    id,
    botId: bot.id,
    userId,
    chatId: record.chatId,
    messageId: record.messageId,
    data,
    at: Date.now(),
  });
  enqueueUpdate(store, bot, 'callback_query', `user/${userId}`, {
    callback_query: {
      id,
      from: renderUser(store, userId),
      message: renderMessage(store, record),
      chat_instance: String(Math.abs(record.chatId)),
      data,
    },
  });
  return id;
}

/** What people in the group do: write, edit, delete, react, press. */
export function createPostControl(parts: ControlParts): PostControl {
  const { store } = parts;
  const message = (input: { groupId?: number; messageId: number }) =>
    messageRecord(store, groupOf(store, input.groupId).id, input.messageId);
  return {
    postMessage: async (input) => postAs(parts, input, plainText(input.text ?? '')),
    postPhoto: async (input) => postFile(parts, 'photo', input),
    postDocument: async (input) => postFile(parts, 'document', input),
    postVoice: async (input) => postFile(parts, 'voice', input),
    postLocation: async ({ latitude, longitude, ...input }) =>
      postAs(parts, input, { location: { latitude, longitude } }),
    postContact: async ({ phoneNumber, firstName, ...input }) =>
      postAs(parts, input, { contact: { phone_number: phoneNumber, first_name: firstName } }),
    async editMessage({ text, ...input }) {
      const record = message(input);
      const { caption: _caption, caption_entities: _entities, ...media } = record.content;
      const isText = record.content.text !== undefined;
      changeMessage(store, record, { content: isText ? plainText(text) : { ...media, ...captionOf(text) } });
    },
    async editMedia({ kind, ...input }) {
      const record = message(input);
      const words = captionOf(textOf(record.content));
      changeMessage(store, record, { content: { ...fileContent(parts, kind, input), ...words } });
    },
    deleteMessage: async (input) => removeMessage(store, message(input)),
    async react(input) {
      const record = message(input);
      setReaction(parts, record, actorId(store, record.chatId, input.userId), input.emoji);
    },
    async pressButton(input) {
      const record = message(input);
      return { callbackQueryId: press(parts, record, actorId(store, record.chatId, input.userId), input.data) };
    },
    callbackAnswer: async ({ callbackQueryId }) => store.get('callback', callbackQueryId)?.answer ?? null,
  };
}

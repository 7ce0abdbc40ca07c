import { addMessage, messagesIn, removeMessage } from './changeMessages.ts';
import type { TopicRecord } from './records.ts';
import type { Store } from './store.ts';
import type { ForumTopicFields } from './telegramTypes.ts';

export const maxTopicNameLength = 128;
export const topicColors: readonly number[] = [7322096, 16766590, 13338331, 9367192, 16749490, 16478047];

/** Makes a topic: its creation message gives it its id. */
export function addTopic(store: Store, chatId: number, creatorId: number, fields: ForumTopicFields): TopicRecord {
  const created = addMessage(store, { chatId, fromId: creatorId, content: { forum_topic_created: fields } });
  const topic: TopicRecord = {
    chatId,
    threadId: created.messageId,
    name: fields.name,
    iconColor: fields.icon_color,
    ...(fields.icon_custom_emoji_id && { iconCustomEmojiId: fields.icon_custom_emoji_id }),
    closed: false,
    creatorId,
    createdAt: created.at,
  };
  store.put('topic', topic);
  return topic;
}

/** A new name, a new icon ('' removes it), or both. */
export interface TopicChange {
  name?: string;
  iconCustomEmojiId?: string;
}

/** What of a change differs from what is there; empty when nothing does. */
export function differingPart(topic: TopicRecord, { name, iconCustomEmojiId: icon }: TopicChange): TopicChange {
  return {
    ...(name && name !== topic.name && { name }),
    ...(icon !== undefined && icon !== (topic.iconCustomEmojiId ?? '') && { iconCustomEmojiId: icon }),
  };
}

/** Changes a topic, with the service message that tells of it. */
export function changeTopic(store: Store, topic: TopicRecord, actorId: number, change: TopicChange): void {
  const { name, iconCustomEmojiId: icon } = differingPart(topic, change);
  if (name === undefined && icon === undefined) return;
  if (name !== undefined) topic.name = name;
  if (icon !== undefined) topic.iconCustomEmojiId = icon || undefined;
  store.put('topic', topic);
  const edited = { ...(name !== undefined && { name }), ...(icon !== undefined && { icon_custom_emoji_id: icon }) };
  const { chatId, threadId } = topic;
  addMessage(store, { chatId, threadId, fromId: actorId, content: { forum_topic_edited: edited } });
}

/** Closes or reopens a topic, with the service message that tells of it. */
export function setTopicClosed(store: Store, topic: TopicRecord, actorId: number, closed: boolean): void {
  if (topic.closed === closed) return;
  topic.closed = closed;
  store.put('topic', topic);
  const content = closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
  addMessage(store, { chatId: topic.chatId, threadId: topic.threadId, fromId: actorId, content });
}

/** Removes a topic with its messages; no update tells of it, as in Telegram. */
export function removeTopic(store: Store, topic: TopicRecord): void {
  for (const message of messagesIn(store, topic.chatId, topic.threadId)) removeMessage(store, message);
  store.remove('topic', topic);
}

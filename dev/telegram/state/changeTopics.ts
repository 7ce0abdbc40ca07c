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

/**
 * Renames a topic or changes its icon ('' removes it). Returns false when nothing changes.
 */
export function changeTopic(
  store: Store,
  topic: TopicRecord,
  actorId: number,
  change: { name?: string; iconCustomEmojiId?: string },
): boolean {
  const name = change.name && change.name !== topic.name ? change.name : undefined;
  const icon = change.iconCustomEmojiId;
  const changesIcon = icon !== undefined && icon !== (topic.iconCustomEmojiId ?? '');
  if (name === undefined && !changesIcon) return false;
  if (name !== undefined) topic.name = name;
  if (changesIcon) topic.iconCustomEmojiId = icon || undefined;
  store.put('topic', topic);
  const edited = { ...(name !== undefined && { name }), ...(changesIcon && { icon_custom_emoji_id: icon }) };
  const { chatId, threadId } = topic;
  addMessage(store, { chatId, threadId, fromId: actorId, content: { forum_topic_edited: edited } });
  return true;
}

/** Closes or reopens a topic. Returns false when it is so already. */
export function setTopicClosed(store: Store, topic: TopicRecord, actorId: number, closed: boolean): boolean {
  if (topic.closed === closed) return false;
  topic.closed = closed;
  store.put('topic', topic);
  const content = closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
  addMessage(store, { chatId: topic.chatId, threadId: topic.threadId, fromId: actorId, content });
  return true;
}

/** Removes a topic with its messages; no update tells of it, as in Telegram. */
export function removeTopic(store: Store, topic: TopicRecord): void {
  for (const message of messagesIn(store, topic.chatId, topic.threadId)) removeMessage(store, message);
  store.remove('topic', topic);
}

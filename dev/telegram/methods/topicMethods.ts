import type { Call, Method } from '../emulator.ts';
import {
  addTopic,
  changeTopic,
  differingPart,
  maxTopicNameLength,
  removeTopic,
  setTopicClosed,
  topicColors,
} from '../state/changeTopics.ts';
import { hasRight, memberOf, topicOf } from '../state/members.ts';
import type { GroupRecord, RightName, TopicRecord } from '../state/records.ts';
import { badRequest } from '../telegramError.ts';
import topicIcons from '../topicIcons.json' with { type: 'json' };
import { takeWrites } from './takeWrites.ts';
import { requireRight, targetGroup } from './target.ts';

/** Telegram cuts longer names without a word. */
function readName(call: Call): string {
  return [...call.parameters.text('name').trim()].slice(0, maxTopicNameLength).join('');
}

function readIcon(call: Call): string | undefined {
  const id = call.parameters.optionalText('icon_custom_emoji_id');
  if (id && !topicIcons.some((icon) => icon.customEmojiId === id)) throw badRequest('DOCUMENT_INVALID');
  return id;
}

function targetForum(call: Call): GroupRecord {
  const group = targetGroup(call);
  if (!group.isForum) throw badRequest('the chat is not a forum');
  return group;
}

/** The topic of a call. Who made a topic may change it without the right to manage topics. */
function targetTopic(call: Call, right: RightName, refusal: string): { group: GroupRecord; topic: TopicRecord } {
  const group = targetForum(call);
  const threadId = call.parameters.integer('message_thread_id');
  call.note.threadId = threadId;
  const topic = topicOf(call.store, group.id, threadId);
  if (!topic) throw badRequest('TOPIC_ID_INVALID');
  const isOwn = right === 'can_manage_topics' && topic.creatorId === call.bot.id;
  if (!isOwn && !hasRight(memberOf(call.store, group.id, call.bot.id), right)) throw badRequest(refusal);
  return { group, topic };
}

const createForumTopic: Method = (call) => {
  const name = readName(call);
  const icon = readIcon(call);
  const color = call.parameters.optionalInteger('icon_color') ?? 0;
  const group = targetForum(call);
  if (name === '') throw badRequest('title must be non-empty');
  requireRight(call, group, 'can_manage_topics', 'not enough rights to create a topic');
  takeWrites(call, group);
  const topic = addTopic(call.store, group.id, call.bot.id, {
    name,
    icon_color: topicColors.includes(color) ? color : (topicColors[0] ?? 0),
    ...(icon && { icon_custom_emoji_id: icon }),
  });
  call.note.threadId = topic.threadId;
  call.note.messageId = topic.threadId;
  return {
    message_thread_id: topic.threadId,
    name: topic.name,
    icon_color: topic.iconColor,
    ...(topic.iconCustomEmojiId && { icon_custom_emoji_id: topic.iconCustomEmojiId }),
  };
};

const editForumTopic: Method = (call) => {
  const icon = call.parameters.has('icon_custom_emoji_id') ? readIcon(call) : undefined;
  const name = readName(call);
  const { group, topic } = targetTopic(call, 'can_manage_topics', 'not enough rights to edit the topic');
  const change = differingPart(topic, { name, ...(icon !== undefined && { iconCustomEmojiId: icon }) });
  if (Object.keys(change).length === 0) throw badRequest('TOPIC_NOT_MODIFIED');
  takeWrites(call, group);
  changeTopic(call.store, topic, call.bot.id, change);
  return true;
};

function setClosed(closed: boolean): Method {
  return (call) => {
    const refusal = 'not enough rights to close or open the topic';
    const { group, topic } = targetTopic(call, 'can_manage_topics', refusal);
    if (topic.closed === closed) throw badRequest('TOPIC_NOT_MODIFIED');
    takeWrites(call, group);
    setTopicClosed(call.store, topic, call.bot.id, closed);
    return true;
  };
}

const deleteForumTopic: Method = (call) => {
  const { topic } = targetTopic(call, 'can_delete_messages', 'not enough rights to delete the topic');
  removeTopic(call.store, topic);
  return true;
};

const getForumTopicIconStickers: Method = () =>
  topicIcons.map(({ emoji, customEmojiId }) => ({
    file_id: `sticker-${customEmojiId}`,
    file_unique_id: customEmojiId,
    type: 'custom_emoji',
    width: 100,
    height: 100,
    is_animated: true,
    is_video: false,
    emoji,
    set_name: 'Topics',
    custom_emoji_id: customEmojiId,
  }));

export const topicMethods: Record<string, Method> = {
  createForumTopic,
  editForumTopic,
  closeForumTopic: setClosed(true),
  reopenForumTopic: setClosed(false),
  deleteForumTopic,
  getForumTopicIconStickers,
};

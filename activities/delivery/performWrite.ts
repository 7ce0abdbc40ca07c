import type { ChannelFailure, ChannelResult, TopicAddress, TopicChannel, TopicText } from '../../channels/port.ts';
import type { FilesWrite } from './planFiles.ts';
import type { PlannedWrite } from './planWrite.ts';

/** What Telegram made of a write: the new topic, or the message. */
export interface WriteDone {
  threadId?: number;
  messageId?: number;
  /** Of the messages that carry files, one each. */
  messageIds?: readonly number[];
}

export type WriteResult = { ok: true; done: WriteDone } | { ok: false; failure: ChannelFailure };

/** Writes that change something, and answer nothing but that it is so. */
type Change = Exclude<PlannedWrite, { kind: 'create_topic' | 'text' | 'post_card' | 'menu' | 'files' }>;

/** The one write of an attempt, but for files. `threadId` is undefined only for the creation of a topic. */
export async function performWrite(
  channel: TopicChannel,
  chatId: string,
  threadId: number | undefined,
  write: Exclude<PlannedWrite, FilesWrite>,
): Promise<WriteResult> {
  if (write.kind === 'create_topic') {
    const created = await channel.createTopic(chatId, write.title);
    return created.ok ? { ok: true, done: { threadId: Number(created.value.threadId) } } : created;
  }
  const topic = { chatId, threadId: String(threadId) };
  if (write.kind === 'text' || write.kind === 'post_card' || write.kind === 'menu') {
    const sent = await channel.send(topic, contentOf(write), write.kind !== 'text' || write.composed.silent);
    return sent.ok ? { ok: true, done: { messageId: Number(sent.value.messageId) } } : sent;
  }
  const changed = await change(channel, topic, write);
  return changed.ok ? { ok: true, done: {} } : changed;
}

function contentOf(write: Exclude<PlannedWrite, Change | FilesWrite | { kind: 'create_topic' }>): TopicText {
  switch (write.kind) {
    case 'text':
      return write.composed.content;
    case 'post_card':
      return write.card;
    case 'menu':
      return write.menu;
  }
}

function change(channel: TopicChannel, topic: TopicAddress, write: Change): Promise<ChannelResult<void>> {
  const message = (messageId: number) => ({ chatId: topic.chatId, messageId: String(messageId) });
  switch (write.kind) {
    case 'rename':
    case 'retitle':
      return channel.renameTopic(topic, write.title);
    case 'close_topic':
      return channel.closeTopic(topic);
    case 'reopen_topic':
    case 'unlock_topic':
      return channel.reopenTopic(topic);
    case 'edit_card':
      return channel.edit(message(write.messageId), write.card);
    case 'pin_card':
      return channel.pin(message(write.messageId));
    case 'react':
      return channel.react(message(write.messageId), write.emoji);
  }
}

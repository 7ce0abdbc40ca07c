import type { ChannelFailure, ChannelResult, TopicAddress, TopicChannel } from '../../channels/port.ts';
import type { PlannedWrite } from './planWrite.ts';

/** What Telegram made of a write: the new topic, or the message. */
export interface WriteDone {
  threadId?: number;
  messageId?: number;
}

export type WriteResult = { ok: true; done: WriteDone } | { ok: false; failure: ChannelFailure };

/** The one write of an attempt. `threadId` is undefined only for the creation of a topic. */
export async function performWrite(
  channel: TopicChannel,
  chatId: string,
  threadId: number | undefined,
  write: PlannedWrite,
): Promise<WriteResult> {
  if (write.kind === 'create_topic') {
    const created = await channel.createTopic(chatId, write.title);
    return created.ok ? { ok: true, done: { threadId: Number(created.value.threadId) } } : created;
  }
  if (write.kind === 'text') {
    const sent = await channel.send(
      { chatId, threadId: String(threadId) },
      write.composed.content,
      write.composed.silent,
    );
    return sent.ok ? { ok: true, done: { messageId: Number(sent.value.messageId) } } : sent;
  }
  const changed = await changeTopic(channel, { chatId, threadId: String(threadId) }, write);
  return changed.ok ? { ok: true, done: {} } : changed;
}

function changeTopic(
  channel: TopicChannel,
  topic: TopicAddress,
  write: Exclude<PlannedWrite, { kind: 'create_topic' | 'text' }>,
): Promise<ChannelResult<void>> {
  if (write.kind === 'rename') return channel.renameTopic(topic, write.title);
  return write.kind === 'close_topic' ? channel.closeTopic(topic) : channel.reopenTopic(topic);
}

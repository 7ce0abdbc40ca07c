import { enqueueMessage } from '../updates/enqueueUpdates.ts';
import type { MessageRecord } from './records.ts';
import type { Store } from './store.ts';
import type { MessageContent } from './telegramTypes.ts';

export type NewMessage = Omit<MessageRecord, 'messageId' | 'at' | 'reactions'>;

/** Adds a message to its group, under the group's next id, and queues it for the bots that see it. */
export function addMessage(store: Store, message: NewMessage, fromOtherBots = false): MessageRecord {
  const group = store.get('group', message.chatId);
  if (!group) throw new Error(`the emulator knows no group ${message.chatId}`);
  const record: MessageRecord = { ...message, messageId: group.nextMessageId, at: Date.now(), reactions: [] };
  group.nextMessageId += 1;
  store.put('group', group);
  if (record.content.forum_topic_created) record.threadId = record.messageId;
  store.put('message', record);
  enqueueMessage(store, 'message', record, fromOtherBots);
  return record;
}

/** Replaces what a message says and queues `edited_message`. */
export function changeMessage(store: Store, record: MessageRecord, change: Partial<MessageRecord>): MessageRecord {
  const edited: MessageRecord = { ...record, ...change, editedAt: Date.now() };
  store.put('message', edited);
  enqueueMessage(store, 'edited_message', edited);
  return edited;
}

export function removeMessage(store: Store, record: MessageRecord): void {
  store.remove('message', record);
  const group = store.get('group', record.chatId);
  if (!group?.pinnedMessageIds.includes(record.messageId)) return;
  group.pinnedMessageIds = group.pinnedMessageIds.filter((id) => id !== record.messageId);
  store.put('group', group);
}

/** The messages of a topic, or of General when `threadId` is undefined, oldest first. */
export function messagesIn(store: Store, chatId: number, threadId: number | undefined): MessageRecord[] {
  const found: MessageRecord[] = [];
  for (const message of store.all('message')) {
    if (message.chatId === chatId && message.threadId === threadId) found.push(message);
  }
  return found.sort((a, b) => a.messageId - b.messageId);
}

/** The words of a message, whatever carries them. */
export function textOf(content: MessageContent): string {
  return content.text ?? content.caption ?? '';
}

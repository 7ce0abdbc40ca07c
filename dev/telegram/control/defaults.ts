import { isAdministrator, isInGroup, membersOf } from '../state/members.ts';
import type { BotRecord, GroupRecord, MemberRecord, MessageRecord, TopicRecord } from '../state/records.ts';
import type { Store } from '../state/store.ts';

/** A control call that names something which is not there. */
export class ControlError extends Error {}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ControlError(`no such ${what}`);
  return value;
}

/** The named group, or the first one that was not upgraded. */
export function groupOf(store: Store, groupId: number | undefined): GroupRecord {
  if (groupId !== undefined) return required(store.get('group', groupId), 'group');
  return required(
    [...store.all('group')].find((group) => group.migratedTo === undefined),
    'group',
  );
}

export function botOf(store: Store, botId: number | undefined): BotRecord {
  return required(botId === undefined ? [...store.all('bot')][0] : store.get('bot', botId), 'bot');
}

export function memberRecord(store: Store, chatId: number, userId: number): MemberRecord {
  return required(store.get('member', `${chatId}/${userId}`), 'member');
}

export function topicRecord(store: Store, chatId: number, threadId: number): TopicRecord {
  return required(store.get('topic', `${chatId}/${threadId}`), 'topic');
}

export function messageRecord(store: Store, chatId: number, messageId: number): MessageRecord {
  return required(store.get('message', `${chatId}/${messageId}`), 'message');
}

/** The named user, or the group's first human administrator. */
export function actorId(store: Store, chatId: number, userId: number | undefined): number {
  if (userId !== undefined) return required(store.get('user', userId), 'user').id;
  for (const member of membersOf(store, chatId)) {
    const isHuman = store.get('user', member.userId)?.is_bot === false;
    if (isHuman && isInGroup(member) && isAdministrator(member)) return member.userId;
  }
  throw new ControlError('the group has no agent');
}

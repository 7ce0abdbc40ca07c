import { badRequest, forbidden } from '../telegramError.ts';
import type { GroupRecord, MemberRecord, RightName, Rights, TopicRecord } from './records.ts';
import { rightNames } from './records.ts';
import type { Store } from './store.ts';

/** The same rights for all: everything granted, or nothing. */
export function uniformRights(granted: boolean): Rights {
  return Object.fromEntries(rightNames.map((name) => [name, granted])) as Rights;
}

export function memberOf(store: Store, chatId: number, userId: number): MemberRecord | undefined {
  return store.get('member', `${chatId}/${userId}`);
}

export function isInGroup(member: MemberRecord | undefined): member is MemberRecord {
  return member !== undefined && member.status !== 'left' && member.status !== 'kicked';
}

export function isAdministrator(member: MemberRecord | undefined): boolean {
  return member?.status === 'creator' || member?.status === 'administrator';
}

export function hasRight(member: MemberRecord | undefined, right: RightName): boolean {
  return member?.status === 'creator' || (member?.status === 'administrator' && member.rights[right]);
}

/**
 * The group of a call, or Telegram's refusal: never seen, upgraded, kicked out or left.
 * @param chatId as given: an id, or its text
 */
export function groupForBot(store: Store, chatId: number | string, botId: number): GroupRecord {
  const group = store.get('group', chatId);
  const member = group && memberOf(store, group.id, botId);
  if (!group || !member) throw badRequest('chat not found');
  if (group.migratedTo !== undefined) {
    throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: group.migratedTo });
  }
  if (member.status === 'kicked') throw forbidden('bot was kicked from the supergroup chat');
  if (member.status === 'left') throw forbidden('bot is not a member of the supergroup chat');
  return group;
}

export function topicOf(store: Store, chatId: number, threadId: number): TopicRecord | undefined {
  return store.get('topic', `${chatId}/${threadId}`);
}

/** A closed topic takes messages from those who may manage topics and from whoever made it. */
export function mayWriteInTopic(topic: TopicRecord, member: MemberRecord | undefined): boolean {
  return !topic.closed || hasRight(member, 'can_manage_topics') || topic.creatorId === member?.userId;
}

export function* membersOf(store: Store, chatId: number): Generator<MemberRecord> {
  for (const member of store.all('member')) if (member.chatId === chatId) yield member;
}

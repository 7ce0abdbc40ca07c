import type { GroupRecord, MemberRecord, MessageRecord } from './records.ts';
import type { Store } from './store.ts';
import type { TelegramChat, TelegramMessage, TelegramUser } from './telegramTypes.ts';

/** Telegram's stand-in for an administrator who writes in the group's name. */
const anonymousAdministrator: TelegramUser = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};

export function renderChat(group: GroupRecord): TelegramChat {
  const { id, title, isForum, isChannel } = group;
  return { id, type: isChannel ? 'channel' : 'supergroup', title, ...(isForum && { is_forum: true as const }) };
}

export function renderUser(store: Store, userId: number): TelegramUser {
  const user = store.get('user', userId);
  if (!user) throw new Error(`the emulator knows no user ${userId}`);
  return user;
}

function sender(store: Store, record: MessageRecord): Pick<TelegramMessage, 'from' | 'sender_chat'> {
  if (record.senderChatId === undefined) return { from: renderUser(store, record.fromId) };
  const group = store.get('group', record.senderChatId);
  return { from: anonymousAdministrator, ...(group && { sender_chat: renderChat(group) }) };
}

/**
 * Telegram's Message of a record. A message in a topic that answers no other carries the topic's creation message as
 * `reply_to_message`; a message inside another carries none.
 */
export function renderMessage(store: Store, record: MessageRecord, nested = false): TelegramMessage {
  const group = store.get('group', record.chatId);
  if (!group) throw new Error(`the emulator knows no group ${record.chatId}`);
  const related = (id: number | undefined): TelegramMessage | undefined => {
    const found = id === undefined || nested ? undefined : store.get('message', `${record.chatId}/${id}`);
    return found && found !== record ? renderMessage(store, found, true) : undefined;
  };
  const replyTo = related(record.replyToId ?? record.threadId);
  const pinned = related(record.pinnedMessageId);
  return {
    message_id: record.messageId,
    ...sender(store, record),
    chat: renderChat(group),
    date: Math.floor(record.at / 1000),
    ...(record.threadId !== undefined && { message_thread_id: record.threadId, is_topic_message: true as const }),
    ...(record.editedAt !== undefined && { edit_date: Math.floor(record.editedAt / 1000) }),
    ...(record.mediaGroupId && { media_group_id: record.mediaGroupId }),
    ...(record.forwardOf && {
      forward_origin: {
        type: 'user' as const,
        date: Math.floor(record.forwardOf.at / 1000),
        sender_user: renderUser(store, record.forwardOf.userId),
      },
    }),
    ...(replyTo && { reply_to_message: replyTo }),
    ...(record.quote && { quote: { text: record.quote, position: 0, is_manual: true as const } }),
    ...record.content,
    ...(pinned && { pinned_message: pinned }),
    ...(record.replyMarkup && { reply_markup: record.replyMarkup }),
  };
}

/** Telegram's ChatMember of a record. */
export function renderMember(store: Store, member: MemberRecord): object {
  const base = { user: renderUser(store, member.userId), status: member.status };
  switch (member.status) {
    case 'creator':
      return { ...base, is_anonymous: member.anonymous === true };
    case 'administrator':
      return {
        ...base,
        can_be_edited: false,
        is_anonymous: member.anonymous === true,
        can_manage_video_chats: false,
        can_promote_members: false,
        can_post_stories: false,
        can_edit_stories: false,
        can_delete_stories: false,
        ...member.rights,
      };
    case 'restricted':
      return { ...base, is_member: true, can_send_messages: false, until_date: 0 };
    case 'kicked':
      return { ...base, until_date: 0 };
    default:
      return base;
  }
}

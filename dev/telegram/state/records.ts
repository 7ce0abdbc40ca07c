import type {
  InlineKeyboardMarkup,
  MessageContent,
  Reaction,
  TelegramUser,
  UpdateBody,
  UpdateKind,
} from './telegramTypes.ts';

/** Administrator rights that the emulated methods look at. */
export const rightNames = [
  'can_manage_chat',
  'can_delete_messages',
  'can_restrict_members',
  'can_invite_users',
  'can_change_info',
  'can_pin_messages',
  'can_manage_topics',
] as const;

export type RightName = (typeof rightNames)[number];
export type Rights = Record<RightName, boolean>;

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

export interface WebhookRecord {
  url: string;
  secretToken?: string;
  maxConnections: number;
  lastErrorAt?: number;
  lastErrorMessage?: string;
}

export interface BotRecord {
  id: number;
  token: string;
  revoked: boolean;
  /** `can_read_all_group_messages` of getMe: privacy mode is off. */
  readsAllMessages: boolean;
  nextUpdateId: number;
  allowedUpdates?: UpdateKind[];
  webhook?: WebhookRecord;
  commands: { command: string; description: string }[];
}

export interface GroupRecord {
  id: number;
  title: string;
  isForum: boolean;
  /** Not a group at all, but a channel. */
  isChannel?: boolean;
  nextMessageId: number;
  /** Newest pin last. */
  pinnedMessageIds: number[];
  migratedTo?: number;
}

export interface MemberRecord {
  chatId: number;
  userId: number;
  status: MemberStatus;
  rights: Rights;
  /** An administrator who writes in the group's name. */
  anonymous?: boolean;
}

export interface TopicRecord {
  chatId: number;
  threadId: number;
  name: string;
  iconColor: number;
  iconCustomEmojiId?: string;
  closed: boolean;
  creatorId: number;
  createdAt: number;
}

/** A message as it is kept; `renderMessage` makes Telegram's object of it. Times are Unix milliseconds. */
export interface MessageRecord {
  chatId: number;
  messageId: number;
  /** Absent in the General topic. */
  threadId?: number;
  fromId: number;
  /** Set when an anonymous administrator wrote in the group's name. */
  senderChatId?: number;
  at: number;
  editedAt?: number;
  replyToId?: number;
  quote?: string;
  forwardOf?: { at: number; userId: number };
  mediaGroupId?: string;
  content: MessageContent;
  pinnedMessageId?: number;
  replyMarkup?: InlineKeyboardMarkup;
  reactions: { userId: number; reaction: Reaction[] }[];
}

export interface FileRecord {
  fileId: string;
  uniqueId: string;
  name: string;
  mimeType: string;
  size: number;
  path: string;
}

export interface UpdateRecord {
  botId: number;
  updateId: number;
  kind: UpdateKind;
  /** Updates of one queue reach a webhook one after the other. */
  queue: string;
  at: number;
  body: UpdateBody;
}

export interface CallbackRecord {
  id: string;
  botId: number;
  userId: number;
  chatId: number;
  messageId: number;
  data: string;
  at: number;
  answer?: { text: string; showAlert: boolean };
}

/** One call of a bot that writes or would have written, refused ones included. */
export interface CallRecord {
  seq: number;
  at: number;
  botId: number;
  method: string;
  chatId?: number;
  threadId?: number;
  messageId?: number;
  /** Units taken from the group's budget of 20 a minute: 0 for reactions, deletions and refused calls. */
  cost: number;
  errorCode?: number;
  description?: string;
}

export interface Records {
  bot: BotRecord;
  user: TelegramUser;
  group: GroupRecord;
  member: MemberRecord;
  topic: TopicRecord;
  message: MessageRecord;
  file: FileRecord;
  update: UpdateRecord;
  callback: CallbackRecord;
  call: CallRecord;
}

export type RecordKind = keyof Records;

/** The key under which a record of each kind is kept. */
export const recordKey: { [K in RecordKind]: (record: Records[K]) => string } = {
  bot: (bot) => `${bot.id}`,
  user: (user) => `${user.id}`,
  group: (group) => `${group.id}`,
  member: (member) => `${member.chatId}/${member.userId}`,
  topic: (topic) => `${topic.chatId}/${topic.threadId}`,
  message: (message) => `${message.chatId}/${message.messageId}`,
  file: (file) => file.fileId,
  update: (update) => `${update.botId}/${update.updateId}`,
  callback: (callback) => callback.id,
  call: (call) => `${call.seq}`,
};

import type { FaultInput, FaultRecord } from '../faults.ts';
import type { LimitOption, LimitSettings } from '../floodLimiter.ts';
import type { CallRecord, MemberStatus, Rights } from '../state/records.ts';
import type { Reaction, TelegramMessage, TelegramUpdate, UpdateBody, UpdateKind } from '../state/telegramTypes.ts';

/** Where somebody writes: a topic, or General without `threadId`. */
export interface PlaceInput {
  groupId?: number;
  threadId?: number;
}

export interface PostInput extends PlaceInput {
  /** Who writes; the first agent when absent. */
  userId?: number;
  text?: string;
  caption?: string;
  replyToMessageId?: number;
  /** Writes in the group's name, as an anonymous administrator. */
  anonymous?: boolean;
}

export interface UploadInput {
  fileName?: string;
  mimeType?: string;
  /** The file's bytes, base64. */
  base64: string;
}

export interface FileInput extends PostInput, UploadInput {
  mediaGroupId?: string;
}

export interface BotInput {
  token: string;
  username?: string;
  firstName?: string;
  /** Off by default: privacy mode on, as BotFather makes it. Administrators read all anyway. */
  readsAllMessages?: boolean;
}

export interface GroupInput {
  groupId: number;
  title: string;
  /** True by default, but for a channel. */
  isForum?: boolean;
  /** A channel, which has no topics. */
  isChannel?: boolean;
}

export interface UserInput {
  userId?: number;
  firstName: string;
  /** Absent: a user without a username. */
  username?: string;
  /** Another bot, which the emulated bots see write. */
  isBot?: boolean;
}

export interface MemberInput {
  groupId?: number;
  userId: number;
}

export interface MessageInput {
  groupId?: number;
  messageId: number;
}

export interface TopicInput {
  groupId?: number;
  threadId: number;
  userId?: number;
}

/** A message as lists show it: Telegram's object with what it leaves out. */
export interface ListedMessage {
  message: TelegramMessage;
  /** Unix milliseconds. */
  at: number;
  reactions: { userId: number; reaction: Reaction[] }[];
}

export interface ListedTopic {
  threadId: number;
  name: string;
  iconColor: number;
  iconCustomEmojiId?: string;
  iconEmoji?: string;
  closed: boolean;
  createdAt: number;
  lastMessageAt: number;
  messageCount: number;
  /** The newest message that is not a service message. */
  lastText: string;
}

export interface ListedUser {
  id: number;
  name: string;
  username?: string;
  isBot: boolean;
  status: MemberStatus;
}

export interface GroupView {
  groupId: number;
  title: string;
  isForum: boolean;
  migratedTo?: number;
  pinnedMessageIds: number[];
  general: Pick<ListedTopic, 'lastMessageAt' | 'messageCount' | 'lastText'>;
  members: ListedUser[];
}

export interface RepeatInput {
  updateId?: number;
  messageId?: number;
  botId?: number;
  times?: number;
}

/** What tests, chaos runs and the page do to the emulator. The same over HTTP: POST /_control/<name>, JSON. */
export interface EmulatorControl {
  addBot(input: BotInput): Promise<{ botId: number }>;
  addGroup(input: GroupInput): Promise<{ groupId: number }>;
  addUser(input: UserInput): Promise<{ userId: number }>;
  /** Adds a user or bot to a group, or lets it back in, as an administrator with all rights unless told otherwise. */
  addMember(
    input: MemberInput & { status?: MemberStatus; rights?: Partial<Rights>; anonymous?: boolean },
  ): Promise<void>;
  /** Takes rights away or gives them back. */
  setRights(input: MemberInput & { rights: Partial<Rights> }): Promise<void>;
  setStatus(input: MemberInput & { status: MemberStatus }): Promise<void>;
  kick(input: MemberInput): Promise<void>;
  setPrivacy(input: { botId: number; readsAllMessages: boolean }): Promise<void>;
  revokeToken(input: { botId: number }): Promise<void>;
  /** Gives a bot a (new) token, as BotFather does. */
  setToken(input: { botId: number; token: string }): Promise<void>;

  postMessage(input: PostInput): Promise<{ messageId: number }>;
  postPhoto(input: FileInput): Promise<{ messageId: number }>;
  postDocument(input: FileInput): Promise<{ messageId: number }>;
  postVoice(input: FileInput): Promise<{ messageId: number }>;
  postLocation(input: PostInput & { latitude: number; longitude: number }): Promise<{ messageId: number }>;
  postContact(input: PostInput & { phoneNumber: string; firstName: string }): Promise<{ messageId: number }>;
  /** Changes the text, or the caption of a file, which may become empty. */
  editMessage(input: MessageInput & { text: string }): Promise<void>;
  /** Replaces a message's file, or adds one to a text. The words stay, as a caption. */
  editMedia(input: MessageInput & UploadInput & { kind: 'photo' | 'document' }): Promise<void>;
  /** Deletes a message as a person does: no update tells of it. */
  deleteMessage(input: MessageInput): Promise<void>;
  react(input: MessageInput & { userId?: number; emoji: string | null }): Promise<void>;
  /** Presses an inline button by its data. */
  pressButton(input: MessageInput & { userId?: number; data: string }): Promise<{ callbackQueryId: string }>;
  callbackAnswer(input: { callbackQueryId: string }): Promise<{ text: string; showAlert: boolean } | null>;

  createTopic(input: { groupId?: number; name: string; userId?: number }): Promise<{ threadId: number }>;
  renameTopic(input: TopicInput & { name: string }): Promise<void>;
  closeTopic(input: TopicInput): Promise<void>;
  reopenTopic(input: TopicInput): Promise<void>;
  deleteTopic(input: TopicInput): Promise<void>;
  setForum(input: { groupId?: number; isForum: boolean }): Promise<void>;
  renameGroup(input: { groupId?: number; title: string; userId?: number }): Promise<void>;
  /** Upgrades a group: a new id, the same members, no topics; calls to the old id name the new one. */
  upgradeGroup(input: { groupId?: number; newGroupId: number }): Promise<void>;

  describeGroup(input?: { groupId?: number }): Promise<GroupView>;
  listTopics(input?: { groupId?: number }): Promise<ListedTopic[]>;
  listMessages(input?: PlaceInput & { allTopics?: boolean }): Promise<ListedMessage[]>;
  /** The write log: sends, edits, topic changes of bots, refused ones included. */
  listCalls(input?: { groupId?: number; botId?: number; sinceSeq?: number }): Promise<CallRecord[]>;
  clearCalls(): Promise<void>;
  /** The menu that the bot has set. */
  listCommands(input: { botId: number }): Promise<{ command: string; description: string }[]>;
  /** Updates that wait for their bot. */
  listUpdates(input?: { botId?: number; kind?: UpdateKind }): Promise<TelegramUpdate[]>;

  /**
   * Sends an update again, `times` times with the same update_id: all at once to a webhook, whose HTTP statuses come
   * back (0 for a failed connection), or with the next getUpdates. Named by its id or by the message it told of.
   */
  repeatUpdate(input: RepeatInput): Promise<{ statuses: number[] }>;
  /** Queues any update, however odd, as if Telegram had thought of it. */
  queueUpdate(input: { botId?: number; body: UpdateBody }): Promise<void>;
  injectFault(input: FaultInput): Promise<FaultRecord>;
  listFaults(): Promise<FaultRecord[]>;
  clearFaults(): Promise<void>;
  setLimits(input: { limits: LimitOption }): Promise<LimitSettings>;
}

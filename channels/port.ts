import type { TextEntity } from '../contracts/message.ts';

export const PARK_REASONS = [
  'rights_missing',
  'kicked',
  'group_gone',
  'token_revoked',
  'not_a_forum',
  /** The group was upgraded, and another tenant has it under its new id. */
  'group_taken',
] as const;

/** Why nothing can be delivered until someone repairs the channel. Stable words: operators and tests read them. */
export type ParkReason = (typeof PARK_REASONS)[number];

/** The provider answered, and the answer is no: certainly nothing was done. */
export type ProviderRefusal =
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'topic_gone' }
  | { kind: 'topic_closed' }
  /** The message that was to be changed is not there any more. */
  | { kind: 'message_gone' }
  | { kind: 'migrated'; chatId: string }
  | { kind: 'parked'; reason: ParkReason }
  /** A definite no to this one request; repeating it cannot help. `description` is the provider's own text. */
  | { kind: 'rejected'; description: string };

/** The provider's answer never came. */
export type NetworkFailure =
  /** The request certainly was not carried out: repeat it without a mark. */
  | { kind: 'unavailable'; description: string }
  /** The request was written and may have been carried out. */
  | { kind: 'unknown_outcome'; description: string };

export type ChannelFailure = ProviderRefusal | NetworkFailure;

export type ChannelResult<T> = { ok: true; value: T } | { ok: false; failure: ChannelFailure };

/** A text and its formatting; offsets count UTF-16 code units. */
export interface FormattedText {
  text: string;
  entities: readonly TextEntity[];
}

/** Pressing it has the same effect as writing `order` in the topic. */
export interface TopicButton {
  label: string;
  /** At most 64 bytes. */
  order: string;
}

/** What stands in a topic, with rows of buttons below it. */
export interface TopicText extends FormattedText {
  buttons?: readonly (readonly TopicButton[])[];
}

export interface TopicAddress {
  chatId: string;
  threadId: string;
}

/** A message of the group, in whatever topic. */
export interface MessageAddress {
  chatId: string;
  messageId: string;
}

/** How a file is shown: as a picture, as a voice message, or as a file to download. */
export type FileUse = 'photo' | 'voice' | 'document';

export interface OutgoingFile {
  name: string;
  as: FileUse;
  bytes: Buffer;
}

/** Files of messages. */
export interface FileChannel {
  /** Costs nothing of the budget. Fails as `rejected` for a file that is gone, or has more than `maxBytes`. */
  download(fileId: string, maxBytes: number): Promise<ChannelResult<Buffer>>;
  /**
   * One message, or an album of two to ten pictures, or of as many documents, which counts as that many writes. Ids are in
   * the files' order.
   */
  sendFiles(
    topic: TopicAddress,
    files: readonly OutgoingFile[],
    options: { caption: FormattedText | undefined; silent: boolean },
  ): Promise<ChannelResult<{ messageIds: string[] }>>;
}

/**
 * What a channel offers that keeps each conversation in a topic of a group. Every call is one write against the provider's
 * limits, except `answers`. Expected failures are results, not exceptions.
 */
export interface TopicChannel {
  createTopic(chatId: string, title: string): Promise<ChannelResult<{ threadId: string }>>;
  send(topic: TopicAddress, content: TopicText, silent: boolean): Promise<ChannelResult<{ messageId: string }>>;
  edit(message: MessageAddress, content: TopicText): Promise<ChannelResult<void>>;
  /** Makes no sound. */
  pin(message: MessageAddress): Promise<ChannelResult<void>>;
  /** Takes the place of the bot's earlier reaction. */
  react(message: MessageAddress, emoji: string): Promise<ChannelResult<void>>;
  renameTopic(topic: TopicAddress, title: string): Promise<ChannelResult<void>>;
  closeTopic(topic: TopicAddress): Promise<ChannelResult<void>>;
  reopenTopic(topic: TopicAddress): Promise<ChannelResult<void>>;
  deleteTopic(topic: TopicAddress): Promise<ChannelResult<void>>;
  /** Does the provider answer at all? Costs nothing of the budget. */
  answers(): Promise<boolean>;
}

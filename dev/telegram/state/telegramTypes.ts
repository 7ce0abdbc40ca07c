/** The Bot API's objects, as far as the emulator produces them. Field names are Telegram's own. */

export interface TelegramUser {
  id: number;
  is_bot: boolean;
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

export interface TelegramChat {
  id: number;
  type: 'supergroup' | 'group' | 'channel';
  title: string;
  username?: string;
  is_forum?: true;
}

export interface TelegramEntity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
  user?: TelegramUser;
  custom_emoji_id?: string;
}

export interface InlineKeyboardButton {
  text: string;
  url?: string;
  callback_data?: string;
}

export interface InlineKeyboardMarkup {
  inline_keyboard: InlineKeyboardButton[][];
}

export interface TelegramFileFields {
  file_id: string;
  file_unique_id: string;
  file_size: number;
}

export interface PhotoSize extends TelegramFileFields {
  width: number;
  height: number;
}

export interface TelegramMedia extends TelegramFileFields {
  file_name?: string;
  mime_type?: string;
  duration?: number;
  width?: number;
  height?: number;
  performer?: string;
  title?: string;
}

export interface ForumTopicFields {
  name: string;
  icon_color: number;
  icon_custom_emoji_id?: string;
}

/** What a message says: exactly one kind of content, with the fields that go with it. */
export interface MessageContent {
  text?: string;
  entities?: TelegramEntity[];
  caption?: string;
  caption_entities?: TelegramEntity[];
  photo?: PhotoSize[];
  document?: TelegramMedia;
  video?: TelegramMedia;
  voice?: TelegramMedia;
  audio?: TelegramMedia;
  location?: { latitude: number; longitude: number };
  contact?: { phone_number: string; first_name: string };
  forum_topic_created?: ForumTopicFields;
  forum_topic_edited?: Partial<Pick<ForumTopicFields, 'name' | 'icon_custom_emoji_id'>>;
  forum_topic_closed?: Record<string, never>;
  forum_topic_reopened?: Record<string, never>;
  new_chat_members?: TelegramUser[];
  left_chat_member?: TelegramUser;
  new_chat_title?: string;
  migrate_to_chat_id?: number;
  migrate_from_chat_id?: number;
}

export interface TelegramMessage extends MessageContent {
  message_id: number;
  message_thread_id?: number;
  is_topic_message?: true;
  from?: TelegramUser;
  sender_chat?: TelegramChat;
  date: number;
  edit_date?: number;
  chat: TelegramChat;
  media_group_id?: string;
  forward_origin?: { type: 'user'; date: number; sender_user: TelegramUser };
  reply_to_message?: TelegramMessage;
  quote?: { text: string; position: number; is_manual?: true };
  pinned_message?: TelegramMessage;
  reply_markup?: InlineKeyboardMarkup;
}

export type Reaction = { type: 'emoji'; emoji: string } | { type: 'custom_emoji'; custom_emoji_id: string };

/** One of the kinds in `allowed_updates`, with its object. */
export type UpdateBody = {
  message?: TelegramMessage;
  edited_message?: TelegramMessage;
  callback_query?: {
    id: string;
    from: TelegramUser;
    message: TelegramMessage;
    chat_instance: string;
    data: string;
  };
  message_reaction?: {
    chat: TelegramChat;
    message_id: number;
    user: TelegramUser;
    date: number;
    old_reaction: Reaction[];
    new_reaction: Reaction[];
  };
  my_chat_member?: ChatMemberUpdated;
  chat_member?: ChatMemberUpdated;
};

export type UpdateKind = keyof UpdateBody;

export interface ChatMemberUpdated {
  chat: TelegramChat;
  from: TelegramUser;
  date: number;
  old_chat_member: object;
  new_chat_member: object;
}

export type TelegramUpdate = UpdateBody & { update_id: number };

export interface ReplyParameters {
  message_id: number;
  allow_sending_without_reply?: boolean;
  quote?: string;
}

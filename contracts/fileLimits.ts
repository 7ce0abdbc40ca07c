/** Largest file that a visitor may send, in bytes: what Telegram takes as a photo, and far below the 50 MB of a document. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Most files of one message: Telegram's albums hold as many. Source: Bot API, sendMediaGroup. */
export const MAX_ATTACHMENTS = 10;

/** What all files of a conversation may come to, so that nobody keeps an archive here. */
export const MAX_CONVERSATION_FILES = 200;
export const MAX_CONVERSATION_BYTES = 200 * 1024 * 1024;

import { MAX_TOPIC_TITLE } from '../../channels/telegram/createTelegramClient.ts';
import { splitText } from '../../channels/telegram/splitText.ts';

/** Enough of an id to find the conversation by: a UUIDv7's random end. */
const SHORT_ID_LENGTH = 6;

/** The name of a conversation's topic: its title, else its visitor, else its id. */
export function topicTitle(conversation: { id: string; title: string | null; visitorName: string | null }): string {
  const { id, title, visitorName } = conversation;
  const name = title?.trim() || visitorName?.trim() || `Visitor ${id.slice(-SHORT_ID_LENGTH)}`;
  return shortTitle(name);
}

/** Cut to what Telegram takes. */
export function shortTitle(title: string): string {
  return (splitText(title.trim(), MAX_TOPIC_TITLE)[0] ?? title).trim();
}

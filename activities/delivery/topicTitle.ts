import { MAX_TOPIC_TITLE } from '../../channels/telegram/createTelegramClient.ts';
import { splitText } from '../../channels/telegram/splitText.ts';
import type { Delivery } from '../../db/queries/outbox/readDelivery.ts';
import { VERIFIED_SIGN } from './describeRow.ts';

/** Enough of an id to find the conversation by: a UUIDv7's random end. */
const SHORT_ID_LENGTH = 6;

const SIGNS = { new: '🆕', waiting: '🔔', active: '💬', closed: '✅' } as const;

/** How a conversation stands, as an emoji: part of the name, it shows in every list and notification of every client. */
export function statusSign({
  status,
  snoozedUntil,
}: Pick<Delivery['conversation'], 'status' | 'snoozedUntil'>): string {
  return snoozedUntil ? '💤' : SIGNS[status];
}

/** The name of a conversation's topic: how it stands, who asks, and its subject or the page where it began. */
export function topicTitle(conversation: Delivery['conversation']): string {
  const { title, source } = conversation;
  const subject = title?.trim() || pathOf(source.url);
  return shortTitle([`${statusSign(conversation)} ${visitorOf(conversation)}`, subject].filter(Boolean).join(' · '));
}

/** The visitor's name, else a part of the conversation's id. */
export function visitorOf({ id, visitorName }: Pick<Delivery['conversation'], 'id' | 'visitorName'>): string {
  return visitorName?.replaceAll(VERIFIED_SIGN, '').trim() || `Visitor ${id.slice(-SHORT_ID_LENGTH)}`;
}

/** The front page says nothing of what somebody is after. */
function pathOf(url: string | undefined): string | undefined {
  const path = url && URL.canParse(url) ? new URL(url).pathname : '/';
  return path === '/' ? undefined : path;
}

/** Cut to what Telegram takes. */
function shortTitle(title: string): string {
  return (splitText(title.trim(), MAX_TOPIC_TITLE)[0] ?? title).trim();
}

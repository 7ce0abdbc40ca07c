import { OUTBOX_PRIORITY, type OutboxPriority } from '../../../contracts/outboxPriority.ts';
import type { ParkReason } from '../../port.ts';

/** Makes, renames, closes or opens topics: a bot may lack the right to that and still write in them. */
export type WriteScope = 'topics' | 'messages';

export interface SlotRequest {
  /** Bots that serve the group, at least one; the one whose budget allows the earliest write is taken. */
  botIds: readonly string[];
  chatId: string;
  /** Whose write it is. Who asks again keeps the place in the line. */
  owner: string;
  priority: OutboxPriority;
  /** Since when it waits, epoch milliseconds: the longest waiting of a priority goes first. */
  since: number;
  scope: WriteScope;
  /** An album is as many writes as it has files. More than one is given only while nobody else waits. */
  wanted: number;
}

export type SlotAnswer =
  /** So many writes may go out now, and are counted: at least one, at most as many as were wanted. */
  | { kind: 'granted'; botId: string; writes: number }
  /** Ask again then. `resting`: not for the line, but because every bot that may write was told to pause. */
  | { kind: 'wait'; waitMs: number; resting: boolean }
  /** Telegram refused every bot a while ago; none is to be tried before `waitMs`. */
  | { kind: 'refused'; reason: ParkReason; waitMs: number };

export interface Refusal {
  botId: string;
  chatId: string;
  scope: WriteScope;
  reason: ParkReason;
  ms: number;
}

/** The budget of writes, shared by everyone who writes with the same bots; and the line of those who wait for it. */
export interface TelegramSlots {
  reserve(request: SlotRequest): Promise<SlotAnswer>;
  /** After a 429: (bot, group) rests for `ms`. */
  pause(botId: string, chatId: string, ms: number): Promise<void>;
  /** Telegram will refuse the bot until someone repairs something: it is out of the choice for a while. */
  refuse(refusal: Refusal): Promise<void>;
  /** Something was repaired: every bot is tried again. */
  forgive(botIds: readonly string[], chatId: string): Promise<void>;
  /** The group has another id now; its budget stays what it was. */
  moveGroup(botIds: readonly string[], chatId: string, newChatId: string): Promise<void>;
}

export interface SlotLimits {
  /** Each rule: at most `count` writes of (bot, group) in any `windowMs`. */
  group: readonly { count: number; windowMs: number }[];
  /** At most that many writes of a bot in any second, over all groups. */
  botPerSecond: number;
  /** Who does not come so long after the time that was named loses the place in the line. */
  lateMs: number;
  /** How long a card or a reaction waits for the next one, which makes it moot. */
  looksRestMs: number;
}

/**
 * Telegram's budgets (telegram Bots FAQ: 20 a minute a group, about 1 a second with short bursts, 30 a second a bot). The
 * minute has two seconds more: a write takes its time to get there, and some get there faster than others.
 */
export const TELEGRAM_LIMITS: SlotLimits = {
  group: [
    { count: 20, windowMs: 62_000 },
    { count: 3, windowMs: 3_000 },
  ],
  botPerSecond: 30,
  lateMs: 1_500,
  looksRestMs: 5_000,
};

/** For a process that cannot see what others reserve: several of them together stay below the budget. */
export const CAUTIOUS_LIMITS: SlotLimits = {
  group: [
    { count: 5, windowMs: 62_000 },
    { count: 1, windowMs: 2_000 },
  ],
  botPerSecond: 5,
  lateMs: 1_500,
  looksRestMs: 5_000,
};

/**
 * How long a priority waits before it counts as urgent, in milliseconds: then the longest waiting goes first. New topics
 * go before replies to known ones for less than a minute, so that what is said meanwhile shares their one write; looks
 * never go before words.
 */
export const URGENT_AFTER_MS: Readonly<Record<OutboxPriority, number>> = {
  [OUTBOX_PRIORITY.urgent]: 0,
  [OUTBOX_PRIORITY.reply]: 45_000,
  [OUTBOX_PRIORITY.bot]: 120_000,
  [OUTBOX_PRIORITY.card]: Number.MAX_SAFE_INTEGER,
  [OUTBOX_PRIORITY.reaction]: Number.MAX_SAFE_INTEGER,
};

/** How long the request has to rest before it may stand in the line, in milliseconds; 0 for words. */
export function restOf({ priority, since }: SlotRequest, { looksRestMs }: SlotLimits, now: number): number {
  if (priority < OUTBOX_PRIORITY.card) return 0;
  // Clocks of the database and of this process may differ: never longer than a whole rest.
  return Math.min(Math.max(0, since + looksRestMs - now), looksRestMs);
}

/** How many writes of a group must be remembered to judge the next one. */
export function rememberedWrites(limits: SlotLimits): number {
  return Math.max(...limits.group.map(({ count }) => count));
}

/** The moment at which one write of (bot, group) may go out. Times are epoch milliseconds of the reserving clock. */
export interface Slot {
  botId: string;
  chatId: string;
  at: number;
  /** Milliseconds from now until `at`; 0 when it has come. */
  waitMs: number;
}

export interface SlotRequest {
  /** Bots that serve the group, at least one; the one whose budget allows the earliest write is taken. */
  botIds: readonly string[];
  chatId: string;
  /** What an earlier call returned. Kept as long as it is good: no pause since then, and not too late for its window. */
  held?: { botId: string; at: number };
}

/** The budget of writes, shared by everyone who writes with the same bots. */
export interface TelegramSlots {
  reserve(request: SlotRequest): Promise<Slot>;
  /**
   * After a 429: (bot, group) rests for `ms`. Slots reserved for within the pause are void; later ones stay with those who
   * hold them, and in the count.
   */
  pause(botId: string, chatId: string, ms: number): Promise<void>;
}

export interface SlotLimits {
  /** Each rule: at most `count` writes of (bot, group) in any `windowMs`. */
  group: readonly { count: number; windowMs: number }[];
  /** At most that many writes of a bot in any second, over all groups. */
  botPerSecond: number;
  /** How late after its time a slot may still be used; the windows above include it. */
  lateMs: number;
}

/**
 * Telegram's budgets (telegram Bots FAQ: 20 a minute a group, about 1 a second with short bursts, 30 a second a bot). The
 * minute has two seconds more: a slot may be taken up `lateMs` after its time, and the write takes its time to get there.
 */
export const TELEGRAM_LIMITS: SlotLimits = {
  group: [
    { count: 20, windowMs: 62_000 },
    { count: 3, windowMs: 3_000 },
  ],
  botPerSecond: 30,
  lateMs: 1_000,
};

/** For a process that cannot see what others reserve: several of them together stay below the budget. */
export const CAUTIOUS_LIMITS: SlotLimits = {
  group: [
    { count: 5, windowMs: 62_000 },
    { count: 1, windowMs: 2_000 },
  ],
  botPerSecond: 5,
  lateMs: 1_000,
};

/** How many reservations of a group must be remembered to judge the next one. */
export function rememberedSlots(limits: SlotLimits): number {
  return Math.max(...limits.group.map(({ count }) => count));
}

import {
  rememberedSlots,
  type Slot,
  type SlotLimits,
  type SlotRequest,
  TELEGRAM_LIMITS,
  type TelegramSlots,
} from './slots.ts';

interface GroupBudget {
  /** Reserved times, ascending, the newest ones only. */
  slots: number[];
  pausedUntil: number;
}

const SECOND = 1_000;

/** Slots of this process alone; `now` is epoch milliseconds. */
export function createMemorySlots(limits: SlotLimits = TELEGRAM_LIMITS, now: () => number = Date.now): TelegramSlots {
  const groups = new Map<string, GroupBudget>();
  const bots = new Map<string, number[]>();
  const remembered = rememberedSlots(limits);

  function budgetOf(botId: string, chatId: string): GroupBudget {
    const key = `${botId}/${chatId}`;
    const budget = groups.get(key) ?? { slots: [], pausedUntil: 0 };
    groups.set(key, budget);
    return budget;
  }

  /** The bot's slots that can still share a second with a new one. */
  function recentOf(botId: string, time: number): number[] {
    const recent = (bots.get(botId) ?? []).filter((at) => at > time - SECOND);
    bots.set(botId, recent);
    return recent;
  }

  function earliest(botId: string, chatId: string, time: number): number {
    const { slots, pausedUntil } = budgetOf(botId, chatId);
    let at = Math.max(time, pausedUntil, slots.at(-1) ?? 0);
    for (const { count, windowMs } of limits.group) at = Math.max(at, (slots.at(-count) ?? -windowMs) + windowMs);
    return afterBusySeconds(at, recentOf(botId, time), limits.botPerSecond);
  }

  function take(botId: string, chatId: string, at: number): void {
    const budget = budgetOf(botId, chatId);
    budget.slots = [...budget.slots, at].slice(-remembered);
    bots.set(botId, [...(bots.get(botId) ?? []), at]);
  }

  return {
    async reserve({ botIds, chatId, held }: SlotRequest): Promise<Slot> {
      const time = now();
      if (held && botIds.includes(held.botId)) {
        const { pausedUntil } = budgetOf(held.botId, chatId);
        if (held.at >= pausedUntil && time <= held.at + limits.lateMs) return slot(held.botId, chatId, held.at, time);
      }
      const candidates = botIds.map((botId) => ({ botId, at: earliest(botId, chatId, time) }));
      const best = candidates.reduce((first, next) => (next.at < first.at ? next : first));
      take(best.botId, chatId, best.at);
      return slot(best.botId, chatId, best.at, time);
    },
    async pause(botId, chatId, ms) {
      const budget = budgetOf(botId, chatId);
      const time = now();
      budget.pausedUntil = Math.max(budget.pausedUntil, time + ms);
      const { pausedUntil } = budget;
      budget.slots = budget.slots.filter((at) => at <= time || at >= pausedUntil);
    },
  };
}

/**
 * Moves `at` until fewer than `limit` other slots lie within a second on either side; every second that holds it then
 * stays within the limit.
 */
function afterBusySeconds(at: number, taken: readonly number[], limit: number): number {
  let moved = at;
  for (;;) {
    const near = taken.filter((other) => Math.abs(other - moved) < SECOND);
    if (near.length < limit) return moved;
    moved = Math.min(...near) + SECOND;
  }
}

function slot(botId: string, chatId: string, at: number, time: number): Slot {
  return { botId, chatId, at, waitMs: Math.max(0, at - time) };
}

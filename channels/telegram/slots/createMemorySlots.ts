import type { ParkReason } from '../../port.ts';
import { createLine, type Waiter } from './createLine.ts';
import {
  type Refusal,
  rememberedWrites,
  restOf,
  type SlotAnswer,
  type SlotLimits,
  type SlotRequest,
  TELEGRAM_LIMITS,
  type TelegramSlots,
  type WriteScope,
} from './slots.ts';

interface Budget {
  /** Times of the writes, ascending, the newest ones only. */
  writes: number[];
  pausedUntil: number;
  refused: Partial<Record<WriteScope, { reason: ParkReason; until: number }>>;
}

const SECOND = 1_000;

/** Slots of this process alone; `now` is epoch milliseconds. */
export function createMemorySlots(limits: SlotLimits = TELEGRAM_LIMITS, now: () => number = Date.now): TelegramSlots {
  const budgets = new Map<string, Budget>();
  const lines = new Map<string, Map<string, Waiter>>();
  const seconds = new Map<string, number[]>();

  function budgetOf(botId: string, chatId: string): Budget {
    const key = `${botId}/${chatId}`;
    const budget = budgets.get(key) ?? { writes: [], pausedUntil: 0, refused: {} };
    budgets.set(key, budget);
    return budget;
  }

  function lineOf(chatId: string): Map<string, Waiter> {
    const line = lines.get(chatId) ?? new Map<string, Waiter>();
    lines.set(chatId, line);
    return line;
  }

  /** When the bot may write next, over all groups. */
  function freeSecond(botId: string, time: number): number {
    const recent = (seconds.get(botId) ?? []).filter((at) => at > time - SECOND);
    seconds.set(botId, recent);
    const first = recent.at(-limits.botPerSecond);
    return first === undefined ? time : first + SECOND;
  }

  function take(botId: string, chatId: string, time: number): void {
    const budget = budgetOf(botId, chatId);
    budget.writes = [...budget.writes, time].slice(-rememberedWrites(limits));
    seconds.set(botId, [...(seconds.get(botId) ?? []), time]);
  }

  /** Who waits, with who asks; without those who did not come when they were told to. */
  function join({ chatId, owner, priority, since }: SlotRequest, time: number): Map<string, Waiter> {
    const line = lineOf(chatId);
    for (const [other, { due }] of line) if (due + limits.lateMs < time) line.delete(other);
    line.set(owner, { owner, priority, since, due: time });
    return line;
  }

  function turnOf(request: SlotRequest, bots: Bot[], time: number): { at: number; bot: Bot } {
    const line = createLine(join(request, time).values());
    for (;;) {
      const bot = bots.reduce((first, other) => (other.earliest() < first.earliest() ? other : first));
      const at = bot.earliest();
      if (line.next(at)?.owner === request.owner) return { at, bot };
      bot.write(at);
    }
  }

  return {
    async reserve(request: SlotRequest): Promise<SlotAnswer> {
      const time = now();
      const restMs = restOf(request, limits, time);
      if (restMs > 0) return { kind: 'wait', waitMs: restMs, resting: false };
      const { botIds, chatId, owner, scope } = request;
      const refusals = botIds.map((id) => refusalOf(budgetOf(id, chatId), scope, time));
      const usable = botIds.filter((_, index) => refusals[index] === undefined);
      if (usable.length === 0) return refusedUntil(refusals, time);
      const bots = usable.map((id) => botOf(id, budgetOf(id, chatId), limits, freeSecond(id, time)));
      const { at, bot } = turnOf(request, bots, time);
      if (at <= time) {
        lineOf(chatId).delete(owner);
        let writes = 0;
        do {
          take(bot.id, chatId, time);
          bot.write(time);
          writes += 1;
        } while (writes < request.wanted && lineOf(chatId).size === 0 && bot.earliest() <= time);
        return { kind: 'granted', botId: bot.id, writes };
      }
      lineOf(chatId).set(owner, { owner, priority: request.priority, since: request.since, due: at });
      const resting = usable.every((id) => budgetOf(id, chatId).pausedUntil > time);
      return { kind: 'wait', waitMs: at - time, resting };
    },
    async pause(botId, chatId, ms) {
      const budget = budgetOf(botId, chatId);
      budget.pausedUntil = Math.max(budget.pausedUntil, now() + ms);
    },
    async refuse({ botId, chatId, scope, reason, ms }: Refusal) {
      budgetOf(botId, chatId).refused[scope] = { reason, until: now() + ms };
    },
    async forgive(botIds, chatId) {
      for (const id of botIds) budgetOf(id, chatId).refused = {};
    },
    async moveGroup(botIds, chatId, newChatId) {
      for (const id of botIds) budgets.set(`${id}/${newChatId}`, budgetOf(id, chatId));
    },
  };
}

interface Bot {
  id: string;
  /** The earliest time of another write, by the rules of the group. */
  earliest(): number;
  write(at: number): void;
}

/** A bot as it will be once others had their turns. */
function botOf(id: string, { writes, pausedUntil }: Budget, limits: SlotLimits, from: number): Bot {
  const times = [...writes];
  const free = Math.max(from, pausedUntil);
  return {
    id,
    earliest() {
      const after = limits.group.map(({ count, windowMs }) => (times.at(-count) ?? -windowMs) + windowMs);
      return Math.max(free, times.at(-1) ?? 0, ...after);
    },
    write: (at) => void times.push(at),
  };
}

/** A bot that may write nothing may make no topics either. */
function refusalOf({ refused }: Budget, scope: WriteScope, time: number) {
  const known = scope === 'topics' ? [refused.messages, refused.topics] : [refused.messages];
  return known.find((refusal) => refusal && refusal.until > time);
}

function refusedUntil(refusals: ReturnType<typeof refusalOf>[], time: number): SlotAnswer {
  const known = refusals.flatMap((refusal) => refusal ?? []);
  const first = known.reduce((soonest, other) => (other.until < soonest.until ? other : soonest));
  return { kind: 'refused', reason: first.reason, waitMs: first.until - time };
}

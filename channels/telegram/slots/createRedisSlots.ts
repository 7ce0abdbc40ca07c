import { createMemorySlots } from './createMemorySlots.ts';
import { PAUSE_SCRIPT, RESERVE_SCRIPT } from './reserveScript.ts';
import { CAUTIOUS_LIMITS, type Slot, type SlotLimits, TELEGRAM_LIMITS, type TelegramSlots } from './slots.ts';

/** What is used of a Redis client; ioredis fits. */
export interface ScriptRunner {
  readonly status: string;
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
}

export interface RedisSlotsOptions {
  redis: ScriptRunner;
  /** Keys are `<prefix>:tg:*`. */
  prefix: string;
  limits?: SlotLimits;
  /** Used while Redis is out of reach. */
  insurance?: TelegramSlots;
  onInsurance?: (reason: string) => void;
}

/** A write must not wait for a Redis that is gone. */
const ANSWER_WITHIN_MS = 500;

/** Slots shared by every process that uses the same Redis; a process on its own is cautious while Redis is gone. */
export function createRedisSlots({
  redis,
  prefix,
  limits = TELEGRAM_LIMITS,
  insurance = createMemorySlots(CAUTIOUS_LIMITS),
  onInsurance,
}: RedisSlotsOptions): TelegramSlots {
  const slotsKey = (botId: string, chatId: string) => `${prefix}:tg:slots:${botId}:${chatId}`;
  const pauseKey = (botId: string, chatId: string) => `${prefix}:tg:pause:${botId}:${chatId}`;
  const botKey = (botId: string) => `${prefix}:tg:bot:${botId}`;
  const rules = limits.group.flatMap(({ count, windowMs }) => [count, windowMs]);

  async function run(script: string, keys: string[], values: (string | number)[]): Promise<unknown> {
    if (redis.status !== 'ready') throw new Error(`redis is ${redis.status}`);
    return await within(ANSWER_WITHIN_MS, redis.eval(script, keys.length, ...keys, ...values));
  }

  return {
    async reserve(request): Promise<Slot> {
      const { botIds, chatId, held } = request;
      const keys = botIds.flatMap((id) => [slotsKey(id, chatId), pauseKey(id, chatId), botKey(id)]);
      const heldIndex = held ? botIds.indexOf(held.botId) + 1 : 0;
      try {
        const values = [limits.lateMs, limits.botPerSecond, heldIndex, held?.at ?? 0, ...rules];
        const [index, at, now] = threeNumbers(await run(RESERVE_SCRIPT, keys, values));
        return { botId: botIds[index - 1] ?? '', chatId, at, waitMs: Math.max(0, at - now) };
      } catch (error) {
        onInsurance?.(error instanceof Error ? error.message : 'unknown');
        return await insurance.reserve(request);
      }
    },
    async pause(botId, chatId, ms) {
      // Both: the pause must hold whichever of them is asked next.
      await insurance.pause(botId, chatId, ms);
      try {
        await run(PAUSE_SCRIPT, [slotsKey(botId, chatId), pauseKey(botId, chatId)], [Math.ceil(ms)]);
      } catch (error) {
        onInsurance?.(error instanceof Error ? error.message : 'unknown');
      }
    },
  };
}

function threeNumbers(answer: unknown): [number, number, number] {
  if (!Array.isArray(answer)) throw new Error('unexpected answer of the reserve script');
  const [first, second, third] = answer.map(Number);
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('unexpected answer of the reserve script');
  }
  return [first, second, third];
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

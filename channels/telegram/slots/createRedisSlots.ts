import { z } from 'zod';
import { PARK_REASONS } from '../../port.ts';
import { createMemorySlots } from './createMemorySlots.ts';
import { MOVE_SCRIPT, PAUSE_SCRIPT, RESERVE_SCRIPT } from './slotScripts.ts';
import {
  CAUTIOUS_LIMITS,
  restOf,
  type SlotAnswer,
  type SlotLimits,
  TELEGRAM_LIMITS,
  type TelegramSlots,
  URGENT_AFTER_MS,
} from './slots.ts';

/** What is used of a Redis client; ioredis fits. */
export interface ScriptRunner {
  readonly status: string;
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>;
  del(...keys: string[]): Promise<unknown>;
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

const answerSchema = z.tuple([z.number(), z.number(), z.number(), z.enum(PARK_REASONS).or(z.literal(''))]);

/** Slots shared by every process that uses the same Redis; a process on its own is cautious while Redis is gone. */
export function createRedisSlots({
  redis,
  prefix,
  limits = TELEGRAM_LIMITS,
  insurance = createMemorySlots(CAUTIOUS_LIMITS),
  onInsurance,
}: RedisSlotsOptions): TelegramSlots {
  const lineKey = (chatId: string) => `${prefix}:tg:line:${chatId}`;
  const refusedKey = (botId: string, chatId: string, scope: string) =>
    `${prefix}:tg:refused:${scope}:${botId}:${chatId}`;
  const pauseKey = (botId: string, chatId: string) => `${prefix}:tg:pause:${botId}:${chatId}`;
  const writesKey = (botId: string, chatId: string) => `${prefix}:tg:writes:${botId}:${chatId}`;
  const secondKey = (botId: string) => `${prefix}:tg:second:${botId}`;
  const refusedKeys = (botId: string, chatId: string) => [
    refusedKey(botId, chatId, 'messages'),
    refusedKey(botId, chatId, 'topics'),
  ];
  const rules = limits.group.flatMap(({ count, windowMs }) => [count, windowMs]);

  const script = (text: string, keys: string[], values: (string | number)[] = []) =>
    redis.eval(text, keys.length, ...keys, ...values);

  /** `otherwise` while Redis is out of reach. */
  async function ask<T>(work: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    try {
      if (redis.status !== 'ready') throw new Error(`redis is ${redis.status}`);
      return await within(ANSWER_WITHIN_MS, work());
    } catch (error) {
      onInsurance?.(error instanceof Error ? error.message : 'unknown');
      return await otherwise();
    }
  }

  /** In both, so that it holds whichever of them is asked next. */
  async function tellBoth(work: () => Promise<unknown>, insure: Promise<void>): Promise<void> {
    await insure;
    await ask(work, async () => undefined);
  }

  return {
    async reserve(request) {
      const restMs = restOf(request, limits, Date.now());
      if (restMs > 0) return { kind: 'wait', waitMs: restMs, resting: false };
      return await ask(
        async () => {
          const { botIds, chatId, owner, priority, since, scope, wanted } = request;
          const botKeys = botIds.flatMap((id) => [
            writesKey(id, chatId),
            pauseKey(id, chatId),
            secondKey(id),
            ...refusedKeys(id, chatId),
          ]);
          const asked = [owner, priority, since, scope === 'topics' ? 1 : 0, limits.lateMs, limits.botPerSecond];
          const values = [...asked, ...Object.values(URGENT_AFTER_MS), wanted, ...rules];
          const answer = await script(RESERVE_SCRIPT, [lineKey(chatId), ...botKeys], values);
          return toAnswer(answerSchema.parse(answer), botIds);
        },
        () => insurance.reserve(request),
      );
    },
    pause: (botId, chatId, ms) =>
      tellBoth(
        () => script(PAUSE_SCRIPT, [pauseKey(botId, chatId)], [Math.ceil(ms)]),
        insurance.pause(botId, chatId, ms),
      ),
    refuse: (refusal) =>
      tellBoth(() => {
        const { botId, chatId, scope, reason, ms } = refusal;
        return redis.set(refusedKey(botId, chatId, scope), reason, 'PX', Math.ceil(ms));
      }, insurance.refuse(refusal)),
    forgive: (botIds, chatId) =>
      tellBoth(() => redis.del(...botIds.flatMap((id) => refusedKeys(id, chatId))), insurance.forgive(botIds, chatId)),
    moveGroup: (botIds, chatId, newChatId) =>
      tellBoth(
        () =>
          script(MOVE_SCRIPT, [
            ...[lineKey(chatId), lineKey(newChatId)],
            ...botIds.flatMap((id) => [writesKey(id, chatId), writesKey(id, newChatId)]),
            ...botIds.flatMap((id) => [pauseKey(id, chatId), pauseKey(id, newChatId)]),
          ]),
        insurance.moveGroup(botIds, chatId, newChatId),
      ),
  };
}

function toAnswer([bot, figure, resting, reason]: z.infer<typeof answerSchema>, botIds: readonly string[]): SlotAnswer {
  if (reason !== '') return { kind: 'refused', reason, waitMs: figure };
  const botId = botIds[bot - 1];
  if (botId !== undefined) return { kind: 'granted', botId, writes: figure };
  return { kind: 'wait', waitMs: figure, resting: resting === 1 };
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

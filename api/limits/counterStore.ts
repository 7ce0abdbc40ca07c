import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';

/** While Redis gives no answer, it is asked again this often, by one caller. */
const ASK_AGAIN_MS = 1_000;
/** Counters compare nothing: what is too much is decided by who asks. */
const COUNTER = { points: Number.MAX_SAFE_INTEGER, duration: 1 };

export interface Counted {
  /** Points of the key in its window, these among them. */
  consumed: number;
  /** Until the window ends. */
  msLeft: number;
  /** False where this instance counted by itself. */
  shared: boolean;
}

/**
 * Counts points by key in windows that begin with the first point: in Redis for all instances, in memory while Redis is away.
 * Never rejects and never hangs: the client of {@link openRedis} gives up a command after 200 ms, and who comes next does not wait.
 */
export class CounterStore {
  readonly #redis: RateLimiterRedis | undefined;
  readonly #memory: RateLimiterMemory;
  #askAgainAt = 0;

  constructor({ redis, prefix }: { redis?: Redis; prefix: string }) {
    const options = { ...COUNTER, keyPrefix: `${prefix}:limit` };
    this.#memory = new RateLimiterMemory(options);
    this.#redis = redis && new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
  }

  /** Whether all instances' points are counted together, as far as is known. */
  get shared(): boolean {
    return this.#redis !== undefined && this.#askAgainAt === 0;
  }

  async add(key: string, points: number, seconds: number): Promise<Counted> {
    const window = { customDuration: seconds };
    const shared = await this.#ask((redis) => redis.penalty(key, points, window));
    const { consumedPoints, msBeforeNext } = shared ?? (await this.#memory.penalty(key, points, window));
    return { consumed: consumedPoints, msLeft: msBeforeNext, shared: shared !== undefined };
  }

  /** Gives the key so many points in a new window. */
  async set(key: string, points: number, seconds: number): Promise<void> {
    if (!(await this.#ask((redis) => redis.set(key, points, seconds)))) await this.#memory.set(key, points, seconds);
  }

  async #ask<T>(question: (redis: RateLimiterRedis) => Promise<T>): Promise<T | undefined> {
    if (!this.#redis || Date.now() < this.#askAgainAt) return undefined;
    // Whoever comes while one asks again counts in memory.
    if (this.#askAgainAt > 0) this.#askAgainAt = Date.now() + ASK_AGAIN_MS;
    try {
      const answer = await question(this.#redis);
      this.#askAgainAt = 0;
      return answer;
    } catch {
      this.#askAgainAt = Date.now() + ASK_AGAIN_MS;
      return undefined;
    }
  }
}

import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { NamedPlaces } from './namedPlaces.ts';

/** While Redis gives no answer, it is asked again this often, by one caller. */
const ASK_AGAIN_MS = 1_000;
/** Counters compare nothing: what is too much is decided by who asks. */
const COUNTER = { points: Number.MAX_SAFE_INTEGER, duration: 1 };

/** Who has one of so many places keeps it; the places' window begins with the first. Answers with [has one, milliseconds left]. */
const TAKE_PLACE = `
local has = redis.call('SISMEMBER', KEYS[1], ARGV[1])
if has == 0 and redis.call('SCARD', KEYS[1]) < tonumber(ARGV[2]) then
  has = redis.call('SADD', KEYS[1], ARGV[1])
end
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return { has, redis.call('PTTL', KEYS[1]) }`;

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
  readonly #client: Redis | undefined;
  readonly #redis: RateLimiterRedis | undefined;
  readonly #memory: RateLimiterMemory;
  readonly #places = new NamedPlaces();
  readonly #prefix: string;
  #askAgainAt = 0;

  constructor({ redis, prefix }: { redis?: Redis; prefix: string }) {
    const options = { ...COUNTER, keyPrefix: `${prefix}:limit` };
    this.#client = redis;
    this.#prefix = options.keyPrefix;
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

  /** Milliseconds until `who` may have one of the key's places, 0 when they have one; `most` by whether all instances share them. */
  async takePlace(key: string, who: string, most: (shared: boolean) => number, seconds: number): Promise<number> {
    const placesKey = `${this.#prefix}:places:${key}`;
    const shared = await this.#ask((_counters, client) =>
      client.eval(TAKE_PLACE, 1, placesKey, who, most(true), seconds * 1_000),
    );
    if (!Array.isArray(shared)) return this.#places.take(key, who, most(false), seconds * 1_000);
    const [has, msLeft] = shared.map(Number);
    return has === 1 ? 0 : Math.max(1, msLeft ?? 0);
  }

  async leavePlace(key: string, who: string): Promise<void> {
    this.#places.leave(key, who);
    await this.#ask((_counters, client) => client.srem(`${this.#prefix}:places:${key}`, who));
  }

  async #ask<T>(question: (counters: RateLimiterRedis, client: Redis) => Promise<T>): Promise<T | undefined> {
    if (!this.#redis || !this.#client || Date.now() < this.#askAgainAt) return undefined;
    // Whoever comes while one asks again counts in memory.
    if (this.#askAgainAt > 0) this.#askAgainAt = Date.now() + ASK_AGAIN_MS;
    try {
      const answer = await question(this.#redis, this.#client);
      this.#askAgainAt = 0;
      return answer;
    } catch {
      this.#askAgainAt = Date.now() + ASK_AGAIN_MS;
      return undefined;
    }
  }
}

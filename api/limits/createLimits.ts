import type { Redis } from 'ioredis';
import type { Counter } from 'prom-client';
import { CodedError } from '../../contracts/errors.ts';
import { BlockList } from './blockList.ts';
import { CounterStore } from './counterStore.ts';
import { figuresWith } from './figures.ts';
import { LocalCounts } from './localCounts.ts';
import { SlidingWindow } from './slidingWindow.ts';
import { Slots } from './slots.ts';
import type { LimitName, RateLimit, RateLimitName, SlotLimitName } from './table.ts';

const MAX_BLOCKS = 50_000;
/** The longest that anybody is kept out. */
const LONGEST_BLOCK_SECONDS = 3_600;
/** More than any limit allows. */
const BLOCKED = 1_000_000_000;
/** For whoever found all slots taken: somebody else has to go first. */
const SLOT_RETRY_SECONDS = 10;

export interface Consumption {
  /** By default 1. */
  points?: number;
  /** What the subject may have instead of the table's points: a tenant's setting, a key's own limit. */
  limit?: number;
}

/** What everybody asks before doing something for somebody. Every refusal is a CodedError `rate_limited` with Retry-After. */
export interface Limits {
  /** Counts over all instances, exactly; one round trip to Redis, and none for who is known to be over the limit. */
  consume(name: RateLimitName, key: string, consumption?: Consumption): Promise<void>;
  /** Counts at once here and within a moment over all instances: for what must not wait for Redis. */
  spend(name: RateLimitName, key: string, consumption?: Consumption): void;
  /** Counts as `consume` does, for what is a sign and no wrong: nobody is refused. */
  exceeds(name: RateLimitName, key: string): Promise<boolean>;
  /** Counts as `consume` does, but something with a name (`once`) once, however often and from wherever it comes. */
  consumeOnce(name: RateLimitName, key: string, once: string): Promise<void>;
  /** Takes back what was counted once for something that did not come about. */
  giveBack(name: RateLimitName, key: string, once: string): Promise<void>;
  /** Whether the subject is over its limit as far as this instance knows; counts nothing. */
  isOver(name: RateLimitName, key: string): boolean;
  /** Takes a place on this instance; the returned function gives it back. */
  hold(name: SlotLimitName, key: string): () => void;
  /** How many of something there may be at a time on this instance. */
  slots(name: SlotLimitName): number;
  /** Counts the refusal and says it. */
  refuse(name: LimitName, retryAfterSeconds: number): CodedError;
  /** The frames of one socket: the returned function is called for each. */
  watchFrames(): () => void;
}

export interface LimitsOptions {
  redis?: Redis;
  prefix: string;
  /** API instances behind the load balancer: while Redis is away, each allows its share. */
  instances: number;
  /** Points by name that replace the table's and the subject's own. Throws where a name is not in the table. */
  overrides: Readonly<Record<string, number>>;
  refusals: Counter<'limit'>;
}

export function createLimits({ redis, prefix, instances, overrides, refusals }: LimitsOptions): Limits {
  const figures = figuresWith(overrides);
  const store = new CounterStore({ redis, prefix });
  const counts = new LocalCounts(store);
  const blocks = new BlockList(MAX_BLOCKS);
  const slots = new Slots();

  function refuse(name: LimitName, retryAfterSeconds: number): CodedError {
    refusals.inc({ limit: name });
    return new CodedError('rate_limited', `Too many ${figures[name].of}.`, { retryAfterSeconds });
  }
  const refuseFor = (name: LimitName, ms: number) => refuse(name, Math.max(1, Math.ceil(ms / 1_000)));

  /** The operator's word is above a tenant's. */
  const limitOf = (name: RateLimitName, { limit }: Consumption) => overrides[name] ?? limit ?? figures[name].points;
  /** Never nothing: a small limit shared by many instances still lets somebody in. */
  const allowed = (limit: number, shared: boolean) => (shared ? limit : Math.max(1, Math.floor(limit / instances)));

  /** Keeps out for longer whoever goes on; how often it had to is forgotten after as long a calm as the block was. */
  async function strike(id: string, seconds: number): Promise<void> {
    const strikes = `strikes:${id}`;
    const { consumed: count } = await store.add(strikes, 1, 2 * LONGEST_BLOCK_SECONDS);
    const blockSeconds = Math.min(LONGEST_BLOCK_SECONDS, seconds * 2 ** count);
    blocks.block(id, blockSeconds * 1_000);
    await Promise.all([store.set(strikes, count, 2 * blockSeconds), store.set(id, BLOCKED, blockSeconds)]);
  }

  /** Whether the refused one has earned a strike. */
  function provokes(id: string, { backoff }: RateLimit, limit: number): boolean {
    const block = blocks.get(id);
    if (!block || !backoff) return false;
    block.refusals += 1;
    if (block.refusals < limit) return false;
    block.refusals = 0;
    return true;
  }
  /** More than nothing, for whoever is refused in the last moment of a window. */
  const msBlocked = (id: string) => Math.max(1, (blocks.get(id)?.until ?? 0) - Date.now());

  /** The milliseconds until the subject may come again; 0 when it is not over its limit. */
  async function count(name: RateLimitName, key: string, consumption: Consumption = {}): Promise<number> {
    const { points = 1 } = consumption;
    const limit = limitOf(name, consumption);
    const id = idOf(name, key);
    if (!blocks.get(id)) {
      const { consumed, msLeft, shared } = await store.add(id, points, figures[name].seconds);
      if (consumed <= allowed(limit, shared)) return 0;
      blocks.block(id, msLeft);
    }
    if (provokes(id, figures[name], limit)) await strike(id, figures[name].seconds);
    return msBlocked(id);
  }

  return {
    async consume(name, key, consumption) {
      const waitMs = await count(name, key, consumption);
      if (waitMs > 0) throw refuseFor(name, waitMs);
    },
    exceeds: async (name, key) => (await count(name, key)) > 0,
    async consumeOnce(name, key, once) {
      const most = (shared: boolean) => allowed(limitOf(name, {}), shared);
      const waitMs = await store.takePlace(idOf(name, key), once, most, figures[name].seconds);
      if (waitMs > 0) throw refuseFor(name, waitMs);
    },
    giveBack: (name, key, once) => store.leavePlace(idOf(name, key), once),
    isOver: (name, key) => blocks.get(idOf(name, key)) !== undefined,
    spend(name, key, consumption = {}) {
      const { points = 1 } = consumption;
      const limit = limitOf(name, consumption);
      const id = idOf(name, key);
      if (!blocks.get(id)) {
        const { consumed, msLeft } = counts.add(id, points, figures[name].seconds);
        if (consumed <= allowed(limit, store.shared)) return;
        blocks.block(id, msLeft);
      }
      if (provokes(id, figures[name], limit)) void strike(id, figures[name].seconds);
      throw refuseFor(name, msBlocked(id));
    },
    hold(name, key) {
      const release = slots.take(idOf(name, key), figures[name].points);
      if (!release) throw refuse(name, SLOT_RETRY_SECONDS);
      return release;
    },
    slots: (name) => figures[name].points,
    refuse,
    watchFrames() {
      const { points, seconds } = figures['socket.frame'];
      const window = new SlidingWindow(points, seconds * 1_000);
      return () => {
        const waitMs = window.take(performance.now());
        if (waitMs > 0) throw refuseFor('socket.frame', waitMs);
      };
    },
  };
}

function idOf(name: LimitName, key: string): string {
  return `${name}:${key}`;
}

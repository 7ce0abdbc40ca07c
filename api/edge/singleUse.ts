import type { Redis } from 'ioredis';
import { ExpiringIds } from './expiringIds.ts';

/** About 10 MB; ten minutes of 150 challenges and tokens a second. */
const MAX_IDS = 100_000;
/** Redis may forget an id only after nobody could verify its token any more. */
const MARGIN_MS = 1_000;

/** What may be used once: challenges, and tokens for opening a socket. */
export interface SingleUse {
  /** Whether this is the first use of the id. `until`: its token's own end. */
  take(id: string, until: Date): Promise<boolean>;
}

interface SingleUseOptions {
  redis?: Redis;
  prefix: string;
}

/**
 * Redis decides for all instances. While it is away each instance decides alone: an id then passes at most once on each,
 * which costs an attacker a page's fresh challenge each time and is bounded by the limits. Postgres would hold the line across
 * instances, but with a write for every connect at the moment when every client reconnects.
 */
export function createSingleUse({ redis, prefix }: SingleUseOptions): SingleUse {
  const own = new ExpiringIds(MAX_IDS);

  return {
    async take(id, until) {
      // The own set first: it must know what Redis was asked, for the case that the answer does not come.
      const here = own.add(id, until.getTime());
      if (here === 'known') return false;
      if (!redis) return here === 'new';
      try {
        const remaining = Math.max(until.getTime() - Date.now(), 0) + MARGIN_MS;
        return (await redis.set(`${prefix}:used:${id}`, '1', 'PX', remaining, 'NX')) === 'OK';
      } catch {
        return here === 'new';
      }
    },
  };
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Env } from '../config/env.ts';

/**
 * A connection for counts (limits, flood control), which are worth no waiting: without an answer at once, the caller counts
 * by itself. Undefined without REDIS_URL.
 */
export function openRedis(env: Pick<Env, 'REDIS_URL' | 'REDIS_DB'>): Redis | undefined {
  if (!env.REDIS_URL) return undefined;
  const redis = new Redis(env.REDIS_URL, {
    db: env.REDIS_DB,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 200,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1_000),
  });
  // The hub's connection to the same server reports.
  redis.on('error', () => {});
  return redis;
}

/** Resolves when Redis can be asked, after `withinMs` at the latest: whoever starts waits for it, but not for one that is away. */
export async function whenReady(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([once(redis, 'ready', { signal }), sleep(withinMs, undefined, { signal })]).catch(() => {});
  patience.abort();
}

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

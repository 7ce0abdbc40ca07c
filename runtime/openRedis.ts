import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Env } from '../config/env.ts';

const ANSWER_WITHIN_MS = 200;

/** Gives a command up in time. ioredis' own `commandTimeout` would take a stall of this process for one of Redis. */
class ImpatientRedis extends Redis {
  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    const late = () => command.isResolved || command.reject(new Error('Redis did not answer in time'));
    // What came while this process stood still is read between the two.
    const timer = setTimeout(() => setImmediate(late), ANSWER_WITHIN_MS);
    const settled = () => clearTimeout(timer);
    command.promise.then(settled, settled);
    return super.sendCommand(...sent);
  }
}

/**
 * A connection for counts (limits, flood control), which are worth no waiting: without an answer at once, the caller counts
 * by itself. Undefined without REDIS_URL.
 */
export function openRedis(env: Pick<Env, 'REDIS_URL' | 'REDIS_DB'>): Redis | undefined {
  if (!env.REDIS_URL) return undefined;
  const redis = new ImpatientRedis(env.REDIS_URL, {
    db: env.REDIS_DB,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
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

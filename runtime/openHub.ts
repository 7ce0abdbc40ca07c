import type { Logger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import { createMemoryHub } from '../channels/web/memoryHub.ts';
import { createRedisHub } from '../channels/web/redisHub.ts';
import type { Env } from '../config/env.ts';

/** The hub of a process of its own. Without Redis no frame reaches another process: sockets read Postgres every second. */
export function openHub(env: Pick<Env, 'REDIS_URL' | 'REDIS_PREFIX'>, logger: Logger): Hub {
  if (env.REDIS_URL) {
    const onError = (err: Error) => logger.debug({ err }, 'the hub lost Redis');
    return createRedisHub({ url: env.REDIS_URL, prefix: env.REDIS_PREFIX, onError });
  }
  logger.warn('REDIS_URL is not set: what workers in other processes say is read from Postgres every second');
  return { ...createMemoryHub(), connected: false };
}

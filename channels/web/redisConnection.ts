import { Redis } from 'ioredis';

const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 250;
/** A Redis that takes longer hangs: whoever waits for it goes on without. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * A connection for frames. It comes back fast (visitors watch), and a command fails at once while Redis is away: what is
 * worth keeping is kept by the caller, within bounds, instead of by ioredis without any.
 */
export function connectForFrames(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    retryStrategy: (attempt) => Math.min(attempt * FIRST_RETRY_MS, LONGEST_RETRY_MS),
  });
  redis.on('error', onError);
  return redis;
}

/** Says goodbye to a Redis that listens, and drops the connection to one that does not. */
export async function disconnectFromFrames(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
}

import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { CodedError } from '../../contracts/errors.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';

/** Counts the frames of a conversation's sockets, wherever they are connected. */
export interface FrameLimiter {
  /** Throws `rate_limited` when the conversation has sent too many. */
  consume(ref: ConversationRef): Promise<void>;
}

interface FrameLimiterOptions {
  redis?: Redis;
  prefix: string;
  limit: { frames: number; seconds: number };
}

/** While Redis is away each instance counts for itself: the limit is never gone and never shuts anybody out. */
export function createFrameLimiter({ redis, prefix, limit }: FrameLimiterOptions): FrameLimiter {
  const options = { keyPrefix: `${prefix}:limit:frames`, points: limit.frames, duration: limit.seconds };
  const local = new RateLimiterMemory(options);
  const limiter = redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        insuranceLimiter: local,
        rejectIfRedisNotReady: true,
        // Whoever is over the limit is refused without asking Redis again.
        inMemoryBlockOnConsumed: limit.frames,
      })
    : local;

  return {
    async consume({ tenantId, conversationId }) {
      try {
        await limiter.consume(`${tenantId}:${conversationId}`);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
        throw new CodedError('rate_limited', 'Too many frames.', { retryAfterSeconds, cause: refusal });
      }
    },
  };
}

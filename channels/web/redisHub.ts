import type { ServerFrame } from '../../contracts/frames.ts';
import type { Revocation } from '../../contracts/revocation.ts';
import { FramePublisher } from './framePublisher.ts';
import { FrameSubscriber } from './frameSubscriber.ts';
import { framesChannel, type Hub, revocationsChannel } from './hub.ts';
import { connectForFrames, disconnectFromFrames } from './redisConnection.ts';

export interface RedisHubOptions {
  url: string;
  /** Pub/sub knows no databases, so the prefix alone keeps installations on one Redis apart. */
  prefix: string;
  /** Connection errors, repeated while Redis is away; the hub mends itself. */
  onError?: (error: Error) => void;
}

/** The hub of an installation of several processes. Returns at once; it connects, and comes back, on its own. */
export function createRedisHub({ url, prefix, onError = () => {} }: RedisHubOptions): Hub {
  const publishing = connectForFrames(url, onError);
  const subscribing = connectForFrames(url, onError);
  const publisher = new FramePublisher(publishing);
  const subscriber = new FrameSubscriber(subscribing);
  const revocations = revocationsChannel(prefix);

  return {
    get connected() {
      return subscriber.connected;
    },
    async publish(ref, frames) {
      if (frames.length > 0) publisher.publish(framesChannel(prefix, ref), frames);
    },
    subscribe: (ref, onFrames) => subscriber.subscribe<ServerFrame>(framesChannel(prefix, ref), onFrames),
    async announceRevocation(revocation) {
      publisher.publish(revocations, [revocation]);
    },
    onRevocation: (listener) =>
      subscriber.subscribe<Revocation>(revocations, (announced) => {
        for (const revocation of announced) listener(revocation);
      }),
    onGap: (listener) => subscriber.onGap(listener),
    async close() {
      await Promise.all([disconnectFromFrames(publishing), disconnectFromFrames(subscribing)]);
    },
  };
}

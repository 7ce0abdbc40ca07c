import { FramePublisher } from './framePublisher.ts';
import { FrameSubscriber } from './frameSubscriber.ts';
import { framesChannel, type Hub } from './hub.ts';
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

  return {
    get connected() {
      return subscriber.connected;
    },
    async publish(ref, frames) {
      if (frames.length > 0) publisher.publish(framesChannel(prefix, ref), frames);
    },
    subscribe: (ref, onFrames) => subscriber.subscribe(framesChannel(prefix, ref), onFrames),
    onGap: (listener) => subscriber.onGap(listener),
    async close() {
      await Promise.all([disconnectFromFrames(publishing), disconnectFromFrames(subscribing)]);
    },
  };
}

import type { Redis } from 'ioredis';

/** Takes what one publication held, parsed: what it is, is the channel's matter. */
type Listener = (published: unknown) => void;

interface Subscription {
  listeners: Set<Listener>;
  /** Settles when Redis has confirmed, or cannot: then the return of the connection subscribes anew and announces a gap. */
  confirmed: Promise<void>;
}

/** One connection for all channels of this process; a channel is subscribed to while somebody listens. */
export class FrameSubscriber {
  readonly #redis: Redis;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #gapListeners = new Set<() => void>();
  #connected = false;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('message', (channel: string, payload: string) => this.#deliver(channel, payload));
    redis.on('ready', () => void this.#resubscribe());
    redis.on('close', () => {
      this.#connected = false;
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  /** `Item`: what is published on the channel, in lists. */
  async subscribe<Item>(channel: string, onItems: (items: Item[]) => void): Promise<() => Promise<void>> {
    const listener: Listener = (published) => onItems(published as Item[]);
    const subscription = this.#subscriptions.get(channel) ?? this.#open(channel);
    subscription.listeners.add(listener);
    await subscription.confirmed;
    return async () => this.#remove(channel, subscription, listener);
  }

  #open(channel: string): Subscription {
    const confirmed =
      this.#redis.status === 'ready'
        ? this.#redis.subscribe(channel).then(
            () => undefined,
            () => this.#startOver(),
          )
        : Promise.resolve();
    const subscription = { listeners: new Set<Listener>(), confirmed };
    this.#subscriptions.set(channel, subscription);
    return subscription;
  }

  #remove(channel: string, subscription: Subscription, listener: Listener): void {
    subscription.listeners.delete(listener);
    if (subscription.listeners.size > 0 || this.#subscriptions.get(channel) !== subscription) return;
    this.#subscriptions.delete(channel);
    // A connection that is away has no subscriptions to end.
    if (this.#redis.status === 'ready') this.#redis.unsubscribe(channel).catch(() => undefined);
  }

  async #resubscribe(): Promise<void> {
    const channels = [...this.#subscriptions.keys()];
    try {
      if (channels.length > 0) await this.#redis.subscribe(...channels);
    } catch {
      this.#startOver();
      return;
    }
    this.#connected = true;
    for (const listener of this.#gapListeners) listener();
  }

  /** After a subscription failed: a connection that is there all the same hangs. Its return subscribes to everything anew. */
  #startOver(): void {
    this.#connected = false;
    if (this.#redis.status === 'ready') this.#redis.disconnect(true);
  }

  #deliver(channel: string, payload: string): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    for (const listener of [...subscription.listeners]) listener(JSON.parse(payload));
  }
}

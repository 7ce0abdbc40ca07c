export interface FreshCacheOptions<Value> {
  load: (key: string) => Promise<Value | undefined>;
  /** Nothing older than this, counted from before it was loaded, is ever given. */
  freshMs: number;
  /** The least recently loaded goes first. */
  maxEntries: number;
}

/**
 * Remembers rights for moments only: what was taken away has to end, so when the source is out of reach nothing is given, unlike
 * with a `StaleCache`. What does not exist is not remembered: guesses shall not drive out what is in use.
 */
export class FreshCache<Value extends object> {
  readonly #options: FreshCacheOptions<Value>;
  readonly #entries = new Map<string, { value: Value; askedAt: number }>();
  readonly #loading = new Map<string, Promise<Value | undefined>>();

  constructor(options: FreshCacheOptions<Value>) {
    this.#options = options;
  }

  /** Rejects as `load` does. */
  async get(key: string): Promise<Value | undefined> {
    const entry = this.#entries.get(key);
    if (entry && Date.now() - entry.askedAt < this.#options.freshMs) return entry.value;
    const present = this.#loading.get(key);
    if (present) return present;
    const loading = this.#load(key).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(key: string): Promise<Value | undefined> {
    const askedAt = Date.now();
    const value = await this.#options.load(key);
    this.#entries.delete(key);
    if (value) this.#entries.set(key, { value, askedAt });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    return value;
  }
}

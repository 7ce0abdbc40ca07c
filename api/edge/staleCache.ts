export interface StaleCacheOptions<Value> {
  load: (key: string) => Promise<Value>;
  /** A value younger than this is given without asking. */
  freshMs: number;
  /** An older value is given after this long without an answer, or at once when the loading fails. */
  patienceMs: number;
  /** The least recently loaded goes first. */
  maxEntries: number;
}

interface Entry<Value> {
  value: Value;
  loadedAt: number;
}

/** Remembers what changes rarely, and gives what it remembers while its source is out of reach. */
export class StaleCache<Value> {
  readonly #options: StaleCacheOptions<Value>;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #loading = new Map<string, Promise<Value>>();

  constructor(options: StaleCacheOptions<Value>) {
    this.#options = options;
  }

  /** Rejects as `load` does, and only when nothing is remembered. */
  async get(key: string): Promise<Value> {
    const entry = this.#entries.get(key);
    if (entry && Date.now() - entry.loadedAt < this.#options.freshMs) return entry.value;
    const loaded = this.#load(key);
    return entry ? this.#orStale(loaded, entry) : loaded;
  }

  /** Remembers what the caller has just written. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, loadedAt: Date.now() });
    if (this.#entries.size <= this.#options.maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** The next who asks waits for what is true then; what is being loaded now may be older and is not remembered. */
  delete(key: string): void {
    this.#entries.delete(key);
    this.#loading.delete(key);
  }

  deleteWhere(matches: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.delete(key);
  }

  /** What does not exist is not remembered: guesses shall not drive out what is in use. */
  #keep(key: string, value: Value): void {
    if (value === undefined) this.#entries.delete(key);
    else this.set(key, value);
  }

  #load(key: string): Promise<Value> {
    const present = this.#loading.get(key);
    if (present) return present;
    const isCurrent = () => this.#loading.get(key) === loading;
    const loading: Promise<Value> = this.#options
      .load(key)
      .then((value) => {
        if (isCurrent()) this.#keep(key, value);
        return value;
      })
      .finally(() => isCurrent() && this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #orStale(loaded: Promise<Value>, entry: Entry<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<Value>((resolve) => {
      timer = setTimeout(() => {
        // Whoever asks within the next moments shall not wait as long again.
        entry.loadedAt = Date.now();
        resolve(entry.value);
      }, this.#options.patienceMs);
    });
    try {
      return await Promise.race([loaded, patience]);
    } catch {
      entry.loadedAt = Date.now();
      return entry.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

import type { CounterStore } from './counterStore.ts';

/** How late other instances' points are known here, beside the way to Redis. */
const REPORT_EVERY_MS = 100;
const FORGET_EVERY_MS = 1_000;

interface Count {
  seconds: number;
  /** Points of all instances as last heard, and what came here since. */
  total: number;
  /** Came here and is not reported yet. */
  unreported: number;
  /** Epoch milliseconds. */
  endsAt: number;
}

/**
 * Counts without waiting, for the way of a message: at once what comes to this instance, a moment later what came to the others.
 * One instance's own points are never miscounted; together, instances may let through what each gets between two reports. A
 * window begins for all with its first report, so it ends that much later.
 */
export class LocalCounts {
  readonly #store: CounterStore;
  readonly #counts = new Map<string, Count>();
  readonly #dirty = new Set<string>();
  #isReportDue = false;
  #forgotAt = Date.now();

  constructor(store: CounterStore) {
    this.#store = store;
  }

  /** The key's points as far as they are known, these among them, and how long its window goes on. */
  add(key: string, points: number, seconds: number): { consumed: number; msLeft: number } {
    const now = Date.now();
    const count = this.#current(key, seconds, now);
    count.total += points;
    count.unreported += points;
    this.#dirty.add(key);
    this.#reportSoon();
    return { consumed: count.total, msLeft: count.endsAt - now };
  }

  #current(key: string, seconds: number, now: number): Count {
    const known = this.#counts.get(key);
    if (known && known.endsAt > now) return known;
    const count = { seconds, total: 0, unreported: 0, endsAt: now + seconds * 1_000 };
    this.#counts.set(key, count);
    return count;
  }

  #reportSoon(): void {
    if (this.#isReportDue) return;
    this.#isReportDue = true;
    setTimeout(() => void this.#report(), REPORT_EVERY_MS).unref();
  }

  async #report(): Promise<void> {
    const keys = [...this.#dirty];
    this.#dirty.clear();
    await Promise.all(keys.map((key) => this.#reportOne(key)));
    this.#forgetEnded();
    this.#isReportDue = false;
    if (this.#dirty.size > 0) this.#reportSoon();
  }

  async #reportOne(key: string): Promise<void> {
    const count = this.#counts.get(key);
    if (!count) return;
    const points = count.unreported;
    count.unreported = 0;
    const { consumed, msLeft } = await this.#store.add(key, points, count.seconds);
    count.total = consumed + count.unreported;
    count.endsAt = Date.now() + msLeft;
  }

  #forgetEnded(): void {
    const now = Date.now();
    if (now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    for (const [key, { endsAt }] of this.#counts) if (endsAt <= now) this.#counts.delete(key);
  }
}

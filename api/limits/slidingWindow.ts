/** Lets `points` through in any `ms` milliseconds, wherever they begin: exact, for what one process sees whole. */
export class SlidingWindow {
  readonly #points: number;
  readonly #ms: number;
  /** When the last `points` were let through; the oldest lies at `#next` once it is full. */
  readonly #moments: number[] = [];
  #next = 0;

  constructor(points: number, ms: number) {
    this.#points = points;
    this.#ms = ms;
  }

  /** 0 when it is let through at `now`, else the milliseconds until the next one would be; what is refused does not count. */
  take(now: number): number {
    const oldest = this.#moments[this.#next];
    if (oldest !== undefined && now - oldest < this.#ms) return oldest + this.#ms - now;
    this.#moments[this.#next] = now;
    this.#next = (this.#next + 1) % this.#points;
    return 0;
  }
}

/** How many of a key there are at a time. */
export class Slots {
  readonly #taken = new Map<string, number>();

  /** Takes one of `points` slots; the returned function gives it back, once. Undefined when all are taken. */
  take(key: string, points: number): (() => void) | undefined {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= points) return undefined;
    this.#taken.set(key, taken + 1);
    let held = true;
    return () => {
      if (held) this.#release(key);
      held = false;
    };
  }

  #release(key: string): void {
    const left = (this.#taken.get(key) ?? 0) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}

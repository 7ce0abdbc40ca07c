/**
 * Ids until their end, as many as the limit allows. Beyond it the ones that end first are forgotten, and the set remembers up to
 * when: of an id that ends before that it cannot say that it is new. So it is bounded, and never takes a known id for a new one.
 */
export class ExpiringIds {
  readonly #limit: number;
  /** By the second of their end. */
  readonly #ending = new Map<number, Set<string>>();
  #size = 0;
  #forgottenUpTo = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `until` is epoch milliseconds. */
  add(id: string, until: number): 'new' | 'known' | 'unsure' {
    this.#forget(Math.floor(Date.now() / 1_000) - 1);
    const second = Math.ceil(until / 1_000);
    const ids = this.#ending.get(second) ?? new Set();
    if (ids.has(id)) return 'known';
    const answer = second > this.#forgottenUpTo ? 'new' : 'unsure';
    this.#ending.set(second, ids.add(id));
    this.#size += 1;
    while (this.#size > this.#limit) this.#forget(Math.min(...this.#ending.keys()));
    return answer;
  }

  /** All that end by this second. */
  #forget(upTo: number): void {
    for (const [second, ids] of this.#ending) {
      if (second > upTo) continue;
      this.#ending.delete(second);
      this.#size -= ids.size;
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, second);
    }
  }
}

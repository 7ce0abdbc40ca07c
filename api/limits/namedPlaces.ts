interface Places {
  who: Set<string>;
  /** Epoch milliseconds. */
  until: number;
}

/** Places by key, each with the name of who has it, in windows that begin with the first: as Redis counts them, in memory. */
export class NamedPlaces {
  readonly #byKey = new Map<string, Places>();

  /** Milliseconds until `who` may have a place; 0 when they have one. */
  take(key: string, who: string, most: number, windowMs: number): number {
    const now = Date.now();
    for (const [other, { until }] of this.#byKey) if (until <= now) this.#byKey.delete(other);
    const places = this.#byKey.get(key) ?? { who: new Set(), until: now + windowMs };
    this.#byKey.set(key, places);
    if (!places.who.has(who) && places.who.size >= most) return places.until - now;
    places.who.add(who);
    return 0;
  }

  leave(key: string, who: string): void {
    this.#byKey.get(key)?.who.delete(who);
  }
}

/** A key that is over its limit. */
export interface Block {
  /** Epoch milliseconds. */
  until: number;
  /** How often it was refused since the last strike. */
  refusals: number;
}

/** Whom this instance refuses without asking anybody. Bounded: whoever is forgotten is found over the limit again by counting. */
export class BlockList {
  readonly #maxKeys: number;
  readonly #blocks = new Map<string, Block>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get(key: string): Block | undefined {
    const block = this.#blocks.get(key);
    if (!block || block.until > Date.now()) return block;
    this.#blocks.delete(key);
    return undefined;
  }

  /** Blocks the key for so long from now, whatever held before. */
  block(key: string, ms: number): Block {
    const block = { until: Date.now() + ms, refusals: 0 };
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > this.#maxKeys && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}

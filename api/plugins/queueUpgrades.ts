import type { FastifyInstance } from 'fastify';

/** Takes turns: one is granted in each round of the event loop, in the order in which they were asked for. */
export class TurnQueue {
  readonly #waiting: (() => void)[] = [];

  turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#grant());
    });
  }

  #grant(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#grant());
  }
}

/**
 * Lets those who want to open a socket in one by one: a thousand who come at once would else be dealt with before the next
 * message of anybody who is there already.
 */
export function queueUpgrades(app: FastifyInstance): void {
  const queue = new TurnQueue();
  app.addHook('onRequest', async ({ headers }) => {
    if (headers.upgrade !== undefined) await queue.turn();
  });
}

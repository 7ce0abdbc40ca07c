/** A client that has not come back with its message by then has given it up. */
const HOLD_MS = 10_000;

/**
 * Keeps a visitor's messages in order when one is refused for now (`engine_unavailable`, `rate_limited`): those that the client
 * had sent after it are refused as well, until it comes again. Else the second could be taken while the first waits.
 */
export class OrderKeeper<Refusal> {
  #waitingFor: { clientMessageId: string; refusal: Refusal; until: number } | undefined;

  /** Why this message cannot be taken yet. */
  refusalOf(clientMessageId: string): Refusal | undefined {
    const waiting = this.#waitingFor;
    const mayPass = !waiting || waiting.clientMessageId === clientMessageId || Date.now() > waiting.until;
    return mayPass ? undefined : waiting.refusal;
  }

  refused(clientMessageId: string, refusal: Refusal): void {
    this.#waitingFor = { clientMessageId, refusal, until: Date.now() + HOLD_MS };
  }

  settled(): void {
    this.#waitingFor = undefined;
  }
}

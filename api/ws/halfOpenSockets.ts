import type { CodedError } from '../../contracts/errors.ts';
import type { Limits } from '../limits/createLimits.ts';

interface HalfOpenSocket {
  giveWay(refusal: CodedError): void;
}

const RETRY_AFTER_SECONDS = 1;

/**
 * The sockets of an instance whose first frame has not come. Their number is bounded and the oldest makes room: a good client
 * sends its first frame within a round trip, so whoever fills the list pushes out its own sockets, not that client.
 */
export class HalfOpenSockets {
  readonly #limits: Pick<Limits, 'slots' | 'refuse'>;
  readonly #sockets = new Set<HalfOpenSocket>();

  constructor(limits: Pick<Limits, 'slots' | 'refuse'>) {
    this.#limits = limits;
  }

  add(socket: HalfOpenSocket): void {
    this.#sockets.add(socket);
    const [oldest] = this.#sockets;
    if (!oldest || this.#sockets.size <= this.#limits.slots('instance.halfOpen')) return;
    this.#sockets.delete(oldest);
    oldest.giveWay(this.#limits.refuse('instance.halfOpen', RETRY_AFTER_SECONDS));
  }

  /** Authenticated, or gone. */
  delete(socket: HalfOpenSocket): void {
    this.#sockets.delete(socket);
  }
}

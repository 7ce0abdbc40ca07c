import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { CodedError } from '../../contracts/errors.ts';
import type { ServerFrame } from '../../contracts/frames.ts';

/** Unsent bytes at which a client is too slow to keep: it comes back with `since` and reads the rest from Postgres. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A long backfill waits until less than this is unsent before it goes on. */
const CALM_UNSENT_BYTES = 128 * 1024;
const CALM_POLL_MS = 20;
const CALM_WITHIN_MS = 10_000;
const TRY_AGAIN_LATER = 1013;

/** A frame as an error names it: a message by its id, another by its type. */
export type RefusedFrame = Pick<Extract<ServerFrame, { type: 'error' }>, 'clientMessageId' | 'frame'>;

/** The outgoing half of a socket. Nothing is sent once it is closing. */
export class FrameSender {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(frame: ServerFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.close(TRY_AGAIN_LATER, 'too slow');
    else this.#socket.send(JSON.stringify(frame));
  }

  /** `refused` names what the error is about. */
  sendError(error: CodedError, refused: RefusedFrame = {}): void {
    const { code, message, retryAfterSeconds: retryAfter } = error;
    this.send({ type: 'error', code, message, retryAfter, ...refused });
  }

  /** Resolves when the client has taken most of what was sent, or is gone; too slow a client is closed. */
  async calm(): Promise<void> {
    const deadline = Date.now() + CALM_WITHIN_MS;
    while (this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > CALM_UNSENT_BYTES) {
      if (Date.now() > deadline) this.close(TRY_AGAIN_LATER, 'too slow');
      await sleep(CALM_POLL_MS);
    }
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

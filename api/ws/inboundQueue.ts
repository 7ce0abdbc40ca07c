import type { RawData, WebSocket } from 'ws';

/** Frames that wait while one is handled; beyond, the socket is not read, so TCP holds the client back. */
const HIGH_WATER = 32;
const LOW_WATER = 8;

/** Handles a socket's frames strictly one after the other, which is what keeps a visitor's messages in order. */
export class InboundQueue {
  readonly #socket: WebSocket;
  readonly #handle: (data: Buffer, isBinary: boolean) => Promise<void>;
  readonly #waiting: { data: Buffer; isBinary: boolean }[] = [];
  #running: Promise<void> | undefined;
  #ended = false;

  /** `handle` must not reject. */
  constructor(socket: WebSocket, handle: (data: Buffer, isBinary: boolean) => Promise<void>) {
    this.#socket = socket;
    this.#handle = handle;
    socket.on('message', (data, isBinary) => this.#push(toBuffer(data), isBinary));
  }

  /** Does `work` before the first frame; it must not reject. */
  begin(work: () => Promise<void>): void {
    this.#running = work().then(() => this.#drain());
  }

  /** Forgets what waits; resolves when the frame under way is done. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#waiting.length = 0;
    // So that the other end's goodbye is read.
    if (this.#socket.isPaused) this.#socket.resume();
    await this.#running;
  }

  #push(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#waiting.push({ data, isBinary });
    if (this.#waiting.length >= HIGH_WATER) this.#socket.pause();
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#socket.isPaused && this.#waiting.length <= LOW_WATER) this.#socket.resume();
      await this.#handle(next.data, next.isBinary);
    }
    this.#running = undefined;
  }
}

function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}

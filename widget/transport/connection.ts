import type { ClientFrame, ServerFrame } from '../../contracts/frames.ts';
import { backoffDelay } from './backoff.ts';
import { isFinalRefusal, RefusedError } from './errors.ts';
import type { OpenSocket, Socket } from './openWebSocket.ts';
import { parseServerFrame } from './parseServerFrame.ts';

/** stopped: nobody asked for it; waiting: it failed and tries again; refused: trying again cannot help. */
export type ConnectionStatus = 'stopped' | 'connecting' | 'online' | 'waiting' | 'refused';

export interface ConnectionOptions {
  openSocket: OpenSocket;
  /** A fresh token; asked for before each connect, and while the socket lives. */
  authorise(): Promise<string>;
  /** Highest `seq` below which nothing is missing. */
  since(): number;
  onStatus(status: ConnectionStatus): void;
  onFrame(frame: ServerFrame): void;
  random?: () => number;
}

const READY_DEADLINE_MS = 12_000;
const PING_EVERY_MS = 25_000;
const PONG_DEADLINE_MS = 8_000;
/** A connection that lived shorter counts as a failed try: a server that accepts and drops must not be hammered. */
const STABLE_AFTER_MS = 5_000;
/** A token lives for ten minutes, and the server ends its socket a little later. */
const RENEW_AFTER_MS = 8 * 60_000;
const CLOSE_FORBIDDEN = 4403;

/** Errors after which the server is done with this socket; a new one with a fresh token is the cure. */
const SOCKET_ENDING_CODES = new Set([
  'auth_required',
  'auth_timeout',
  'token_invalid',
  'token_expired',
  'token_used',
  'session_revoked',
  'conversation_not_found',
  'shutting_down',
]);

/** One socket that is kept alive: connects, authenticates, notices death, and tries again with backoff and jitter. */
export class Connection {
  private readonly options: ConnectionOptions;
  private status: ConnectionStatus = 'stopped';
  private socket: Socket | undefined;
  /** Answers that belong to an earlier try are ignored. */
  private generation = 0;
  private attempt = 0;
  private onlineSince = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private renewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  start(): void {
    if (this.status === 'stopped') void this.connect();
  }

  stop(): void {
    this.teardown();
    this.become('stopped');
  }

  /** False when there is no authenticated socket to write to. */
  send(frame: ClientFrame): boolean {
    if (this.status !== 'online' || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network or the page came back: try now instead of later, or make sure that the socket still lives. */
  wake(): void {
    if (this.status === 'waiting') void this.connect();
    else if (this.status === 'online') this.ping();
  }

  /** Gives this socket up for a new one. */
  restart(): void {
    if (this.status === 'online' || this.status === 'connecting') this.retryLater();
  }

  private become(status: ConnectionStatus): void {
    if (status === this.status) return;
    this.status = status;
    this.options.onStatus(status);
  }

  private async connect(): Promise<void> {
    this.teardown();
    const generation = this.generation;
    this.become('connecting');
    try {
      const token = await this.options.authorise();
      if (generation === this.generation) this.open(token);
    } catch (error) {
      if (generation !== this.generation) return;
      if (isFinalRefusal(error)) this.refuse();
      else this.retryLater(error instanceof RefusedError ? error.retryAfterSeconds : undefined);
    }
  }

  private open(token: string): void {
    const generation = this.generation;
    const current = () => generation === this.generation;
    this.deadline = setTimeout(() => this.retryLater(), READY_DEADLINE_MS);
    const socket = this.options.openSocket({
      onOpen: () => {
        if (!current()) return;
        const frame: ClientFrame = { type: 'auth', token, since: this.options.since() };
        socket.send(JSON.stringify(frame));
      },
      onText: (text) => {
        if (current()) this.receive(text);
      },
      onClose: (code) => {
        if (!current()) return;
        if (code === CLOSE_FORBIDDEN) this.refuse();
        else this.retryLater();
      },
    });
    this.socket = socket;
  }

  private receive(text: string): void {
    if (this.status === 'online') clearTimeout(this.deadline);
    const frame = parseServerFrame(text);
    if (!frame) return;
    if (frame.type === 'ready') this.ready();
    this.options.onFrame(frame);
    if (frame.type === 'error' && SOCKET_ENDING_CODES.has(frame.code)) this.retryLater(frame.retryAfter);
  }

  private ready(): void {
    clearTimeout(this.deadline);
    clearInterval(this.pingTimer);
    this.onlineSince = Date.now();
    clearTimeout(this.renewTimer);
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.renewTimer = setTimeout(() => void this.renew(), RENEW_AFTER_MS);
    this.become('online');
  }

  /** Whatever arrives before the deadline proves that the socket lives. */
  private ping(): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.retryLater(), PONG_DEADLINE_MS);
    this.send({ type: 'ping' });
  }

  /** The server answers with another `ready`. Without a new token the socket ends in its time, and the next one asks for one. */
  private async renew(): Promise<void> {
    const generation = this.generation;
    try {
      const token = await this.options.authorise();
      if (generation === this.generation) this.send({ type: 'auth', token, since: this.options.since() });
    } catch {
      // As said above.
    }
  }

  private refuse(): void {
    this.teardown();
    this.become('refused');
  }

  private retryLater(retryAfterSeconds = 0): void {
    if (this.status === 'online' && Date.now() - this.onlineSince >= STABLE_AFTER_MS) this.attempt = 0;
    this.teardown();
    const delay = backoffDelay(this.attempt, this.options.random ?? Math.random);
    this.attempt += 1;
    this.retryTimer = setTimeout(() => void this.connect(), delay + retryAfterSeconds * 1_000);
    this.become('waiting');
  }

  private teardown(): void {
    this.generation += 1;
    clearTimeout(this.retryTimer);
    clearTimeout(this.deadline);
    clearTimeout(this.renewTimer);
    clearInterval(this.pingTimer);
    this.socket?.close();
    this.socket = undefined;
  }
}

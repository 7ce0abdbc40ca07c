import { v7 as uuidv7 } from 'uuid';
import type { ClientFrame, ServerFrame } from '../contracts/frames.ts';
import type { Choice } from '../contracts/message.ts';
import type { MessagesPage, TokenResponse } from '../contracts/webchat.ts';
import type { FileShelf } from './fileShelf.ts';
import { isPassingError } from './state/reduceFrame.ts';
import {
  dueReceipt,
  hasHole,
  isQueueFull,
  nextDeadline,
  nextToSend,
  nextToUpload,
  ratingToSend,
} from './state/selectors.ts';
import type { Action, Outgoing, OutgoingFile, WidgetState } from './state/types.ts';
import type { Store } from './store.ts';
import type { Connection, ConnectionOptions } from './transport/connection.ts';
import { RefusedError } from './transport/errors.ts';

export interface SessionOptions {
  store: Store<WidgetState, Action>;
  /** Longest text of one message, in UTF-16 code units. */
  messageLength: number;
  /** Where the files are that wait to be sent. */
  shelf: Pick<FileShelf, 'put' | 'upload'>;
  authorise(): Promise<TokenResponse>;
  loadMessages(input: { conversationId: string; since: number; token: string }): Promise<MessagesPage>;
  connect(options: Pick<ConnectionOptions, 'authorise' | 'since' | 'onStatus' | 'onFrame'>): Connection;
}

export interface SendOptions {
  choice?: Choice;
  files?: readonly File[];
  /** Id of the message that it answers. */
  replyTo?: string;
}

export type SendOutcome = 'queued' | 'empty' | 'too_long' | 'queue_full';

/** Frames of one burst may overtake each other; only a hole that stays is read from the server. */
const HOLE_GRACE_MS = 300;
const HOLE_RETRY_MS = 3_000;
const ACK_DEADLINE_MS = 15_000;
const DEFAULT_PAUSE_MS = 2_000;
const UPLOAD_RETRY_MS = 3_000;
/** A socket that is dead is noticed within this. */
const RECEIPT_DOUBT_MS = 60_000;

/** What is written in turn, each with its own pause after a refusal. */
type Paced = 'message' | 'rate';
type TimerName = Paced | 'ack' | 'hole' | 'tick' | 'upload';

/** Lets the state's needs and the connection meet: sends what waits, fills holes. */
export class Session {
  private readonly options: SessionOptions;
  private readonly connection: Connection;
  private readonly unsubscribe: () => void;
  private token = '';
  /** Epoch milliseconds. */
  private readonly pausedUntil: Record<Paced, number> = { message: 0, rate: 0 };
  private backfilling = false;
  private uploading = false;
  /** The last receipt that was written: of which message and which status, and when. */
  private acknowledged = { mark: '', at: 0 };
  private awaitedAck: string | undefined;
  private readonly timers = new Map<TimerName, ReturnType<typeof setTimeout>>();

  constructor(options: SessionOptions) {
    this.options = options;
    this.connection = options.connect({
      authorise: () => this.authorise(),
      since: () => this.state.contiguousSeq,
      onStatus: (link) => {
        if (link !== 'online') this.doubtReceipt();
        options.store.dispatch({ type: 'link', link });
      },
      onFrame: (frame) => this.receive(frame),
    });
    this.unsubscribe = options.store.subscribe(() => this.serve());
  }

  /** What the conversation's files are asked for with. */
  get conversationToken(): string {
    return this.token;
  }

  /** Connects; harmless when already connected. */
  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.unsubscribe();
    this.connection.stop();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /** The page or the network came back. */
  wake(): void {
    this.connection.wake();
  }

  /** Queues a text. Anything but `queued` means that it was not taken and should stay in the composer. */
  send(text: string, { choice, files = [], replyTo }: SendOptions = {}): SendOutcome {
    const trimmed = text.trim();
    if (!trimmed && files.length === 0) return 'empty';
    if (trimmed.length > this.options.messageLength) return 'too_long';
    if (isQueueFull(this.state)) return 'queue_full';
    this.options.store.dispatch({
      type: 'enqueue',
      clientMessageId: uuidv7(),
      text: trimmed,
      choiceId: choice?.id,
      files: files.length > 0 ? files.map((file) => this.keep(file)) : undefined,
      replyTo,
      at: new Date().toISOString(),
    });
    this.start();
    return 'queued';
  }

  private keep(file: File): OutgoingFile {
    const id = uuidv7();
    this.options.shelf.put(id, file);
    return { id, name: file.name, type: file.type, size: file.size, progress: 0, uploaded: false };
  }

  private get state(): WidgetState {
    return this.options.store.get();
  }

  private async authorise(): Promise<string> {
    const { token, conversationId } = await this.options.authorise();
    this.token = token;
    this.options.store.dispatch({ type: 'conversation', conversationId });
    return token;
  }

  private receive(frame: ServerFrame): void {
    if (frame.type === 'error' && isPassingError(frame.code)) this.pause(frame);
    this.options.store.dispatch({ type: 'frame', frame, at: Date.now() });
  }

  /** No message waits because a rating was refused; what holds up messages holds up the rating as well. */
  private pause({ frame, retryAfter }: Extract<ServerFrame, { type: 'error' }>): void {
    const until = Date.now() + (retryAfter === undefined ? DEFAULT_PAUSE_MS : retryAfter * 1_000);
    this.pausedUntil.rate = until;
    if (frame !== 'rate') this.pausedUntil.message = until;
  }

  /** Runs after every transition; each step does nothing when there is nothing to do. */
  private serve(): void {
    this.flush();
    void this.uploadNext();
    this.watchAck();
    this.watchHole();
    this.acknowledge();
    this.scheduleTick();
  }

  /** Tells the agents how far the visitor has come; said once, as far as the socket lived on. */
  private acknowledge(): void {
    const receipt = dueReceipt(this.state);
    if (!receipt || this.state.link !== 'online') return;
    const mark = `${receipt.messageId}/${receipt.status}`;
    if (mark === this.acknowledged.mark) return;
    if (this.write({ type: 'receipt', ...receipt })) this.acknowledged = { mark, at: Date.now() };
  }

  /** What was written shortly before the socket ended may never have arrived. */
  private doubtReceipt(): void {
    if (Date.now() - this.acknowledged.at < RECEIPT_DOUBT_MS) this.acknowledged = { mark: '', at: 0 };
  }

  private write(frame: ClientFrame): boolean {
    return this.connection.send(frame);
  }

  private flush(): void {
    if (this.state.link !== 'online') return;
    const next = nextToSend(this.state);
    const rating = ratingToSend(this.state);
    if (next) {
      if (this.isDue('message')) this.writeMessage(next);
    } else if (rating !== undefined && this.isDue('rate') && this.write({ type: 'rate', rating })) {
      this.options.store.dispatch({ type: 'rateWritten' });
    }
  }

  /** Whether it need not wait any longer; else it is looked at again when it need not. */
  private isDue(what: Paced): boolean {
    const wait = this.pausedUntil[what] - Date.now();
    if (wait > 0) this.schedule(what, wait, () => this.flush());
    return wait <= 0;
  }

  private writeMessage({ clientMessageId, text, choiceId, files, replyTo }: Outgoing): void {
    const attachments = files?.map(({ id }) => id);
    if (this.write({ type: 'message', clientMessageId, text, choiceId, attachments, replyTo })) {
      this.options.store.dispatch({ type: 'written', clientMessageId });
    }
  }

  /** One file after the other, while the socket says that there is a way. What passes by itself is tried again. */
  private async uploadNext(): Promise<void> {
    const next = nextToUpload(this.state);
    if (!next || this.state.link !== 'online' || this.uploading || this.timers.has('upload')) return;
    const { shelf, store } = this.options;
    const fileId = next.id;
    this.uploading = true;
    let retryMs: number | undefined;
    try {
      await shelf.upload(fileId, this.token, (progress) => store.dispatch({ type: 'uploading', fileId, progress }));
    } catch (error) {
      if (error instanceof RefusedError && !isPassingError(error.code)) {
        this.uploading = false;
        store.dispatch({ type: 'uploadRefused', fileId, code: error.code });
        return;
      }
      const seconds = error instanceof RefusedError ? error.retryAfterSeconds : undefined;
      retryMs = seconds === undefined ? UPLOAD_RETRY_MS : seconds * 1_000;
    }
    this.uploading = false;
    if (retryMs === undefined) store.dispatch({ type: 'uploaded', fileId });
    else this.schedule('upload', retryMs, () => void this.uploadNext());
  }

  /** A socket that lives but swallows a message is given up: the resend asks again. */
  private watchAck(): void {
    const { outgoing, rating } = this.state;
    const rated = rating?.phase === 'inFlight' ? 'rate' : undefined;
    const inFlight = outgoing.find(({ phase }) => phase === 'inFlight')?.clientMessageId ?? rated;
    if (inFlight === this.awaitedAck) return;
    this.awaitedAck = inFlight;
    if (inFlight) this.schedule('ack', ACK_DEADLINE_MS, () => this.connection.restart());
    else this.cancel('ack');
  }

  private watchHole(): void {
    if (!hasHole(this.state) || this.state.link !== 'online') this.cancel('hole');
    else if (!this.timers.has('hole') && !this.backfilling) {
      this.schedule('hole', HOLE_GRACE_MS, () => void this.backfill());
    }
  }

  private async backfill(): Promise<void> {
    const { conversationId, contiguousSeq, link } = this.state;
    if (!conversationId || link !== 'online') return;
    this.backfilling = true;
    try {
      const page = await this.options.loadMessages({ conversationId, since: contiguousSeq, token: this.token });
      // The conversation may have been replaced meanwhile; the numbers of one say nothing of the other's.
      if (this.state.conversationId === conversationId) {
        this.options.store.dispatch({ type: 'backfill', messages: page.messages, lastSeq: page.lastSeq });
      }
    } catch {
      // The retry below, or the next reconnect with `since`, asks again.
    } finally {
      this.backfilling = false;
    }
    if (!hasHole(this.state)) return;
    const progressed = this.state.contiguousSeq > contiguousSeq;
    this.schedule('hole', progressed ? 0 : HOLE_RETRY_MS, () => void this.backfill());
  }

  private scheduleTick(): void {
    const at = nextDeadline(this.state);
    if (at === undefined) this.cancel('tick');
    else this.schedule('tick', Math.max(0, at - Date.now()), () => this.tick());
  }

  private tick(): void {
    this.options.store.dispatch({ type: 'tick', at: Date.now() });
  }

  private schedule(name: TimerName, delay: number, run: () => void): void {
    this.cancel(name);
    const timer = setTimeout(() => {
      this.timers.delete(name);
      run();
    }, delay);
    this.timers.set(name, timer);
  }

  private cancel(name: TimerName): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { CodedError } from '../../contracts/errors.ts';
import { AUTH_DEADLINE_MS, CLOSE_CODES, type ClientFrame } from '../../contracts/frames.ts';
import type { ApiContext } from '../context.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import { keyOf } from '../limits/spendMessage.ts';
import type { CatchUp } from './catchUp.ts';
import { FrameSender, type RefusedFrame } from './frameSender.ts';
import type { HalfOpenSockets } from './halfOpenSockets.ts';
import { InboundQueue } from './inboundQueue.ts';
import { type OpenStream, openStream } from './openStream.ts';
import { OrderKeeper } from './orderKeeper.ts';
import { type ParsedFrame, parseFrame } from './parseFrame.ts';
import type { Participant } from './participant.ts';

/**
 * A socket outlives its token by this: a client that renews it (a fresh `auth` on the same socket) or reconnects a little late
 * is not cut off.
 */
const EXPIRY_GRACE_MS = 60_000;
const RENEW_RETRY_MS = 5_000;
/** Refusals in a row after which a client is taken for broken or hostile. */
const MAX_REFUSALS = 100;
const TRY_AGAIN_LATER = 1013;

type MessageFrame = ClientFrame & { type: 'message' };
type AuthFrame = ClientFrame & { type: 'auth' };

export interface VisitorSocketOptions {
  socket: WebSocket;
  api: ApiContext;
  catchUp: CatchUp;
  halfOpen: HalfOpenSockets;
  logger: Logger;
  /** Whom its messages count for, beside conversation and tenant: see `ipSubject`. */
  address: string;
  /** Whom a token of the first frame lets in. Rejects with a CodedError. */
  admit(token: string): Promise<Participant>;
  /** Whom the upgrade request itself lets in, by a cookie: such a socket needs no `auth`. Any other waits for its first frame. */
  arrival?: { admit(): Promise<Participant | undefined>; since: number };
}

/**
 * One visitor's connection: first frame `auth`, then frames strictly in order, each answered before the next is looked at. Only
 * a rating is answered beside them.
 */
export class VisitorSocket {
  readonly #socket: WebSocket;
  readonly #api: ApiContext;
  readonly #catchUp: CatchUp;
  readonly #admit: (token: string) => Promise<Participant>;
  readonly #sender: FrameSender;
  readonly #inbound: InboundQueue;
  readonly #order = new OrderKeeper<CodedError>();
  readonly #countFrame: () => void;
  readonly #halfOpen: HalfOpenSockets;
  readonly #address: string;
  #leaveConversation: (() => void) | undefined;
  #logger: Logger;
  #visitor: Participant | undefined;
  #open: OpenStream | undefined;
  #unwatch: (() => void) | undefined;
  /** The rating under way. */
  #rating: Promise<void> | undefined;
  #deadline: NodeJS.Timeout;
  #refusals = 0;

  constructor({ socket, api, catchUp, halfOpen, logger, address, admit, arrival }: VisitorSocketOptions) {
    this.#socket = socket;
    this.#api = api;
    this.#catchUp = catchUp;
    this.#logger = logger;
    this.#admit = admit;
    this.#halfOpen = halfOpen;
    this.#address = address;
    this.#countFrame = api.limits.watchFrames();
    this.#sender = new FrameSender(socket);
    this.#inbound = new InboundQueue(socket, (data, isBinary) => this.#handle(data, isBinary));
    this.#deadline = this.#endIn(AUTH_DEADLINE_MS, 'auth_timeout', 'The first frame must be auth.');
    socket.on('close', () => void this.#release());
    halfOpen.add(this);
    if (arrival) this.#inbound.begin(() => this.#arrive(arrival));
  }

  /**
   * Finishes what is under way, so that what was accepted is acknowledged, and tells the client to connect elsewhere; after
   * `withinMs` at the latest.
   */
  async shutDown(withinMs: number): Promise<void> {
    const patience = new AbortController();
    const late = sleep(withinMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#inbound.end().then(() => this.#rating), late]);
    patience.abort();
    this.#sender.close(CLOSE_CODES.shutting_down, 'shutting down');
  }

  /** Makes room for others: said and done before a first frame has come. */
  giveWay(refusal: CodedError): void {
    this.#refuse(refusal, refusal);
  }

  async #handle(data: Buffer, isBinary: boolean): Promise<void> {
    const parsed = parseFrame(data, isBinary, this.#visitor?.sendsNoIds);
    if ('error' in parsed || parsed.frame.type !== 'rate') return this.#answer(parsed);
    // It waits for a worker, as no other frame does: messages do not wait behind it, another rating does.
    await this.#rating;
    this.#rating = this.#answer(parsed);
  }

  /** Never rejects: what fails is refused. */
  async #answer(parsed: ParsedFrame): Promise<void> {
    const refused = 'error' in parsed ? parsed.refused : nameOf(parsed.frame);
    try {
      this.#countFrame();
      if ('error' in parsed) throw parsed.error;
      await this.#dispatch(parsed.frame);
      this.#refusals = 0;
    } catch (error) {
      this.#refuse(toCodedError(error), error, refused);
    }
  }

  async #dispatch(frame: ClientFrame): Promise<void> {
    if (frame.type === 'auth') return this.#authenticate(frame);
    if (!this.#visitor) throw new CodedError('auth_required', 'The first frame must be auth.');
    if (frame.type === 'message') return this.#accept(this.#visitor, frame);
    if (frame.type === 'rate') return this.#rate(this.#visitor, frame.rating);
    if (frame.type === 'receipt') return this.#api.receipts.acknowledge(this.#visitor.ref, frame);
    this.#sender.send({ type: 'pong' });
  }

  async #arrive({ admit, since }: NonNullable<VisitorSocketOptions['arrival']>): Promise<void> {
    try {
      const visitor = await admit();
      if (visitor) await this.#enter(visitor, since);
    } catch (error) {
      this.#refuse(toCodedError(error), error);
    }
  }

  async #authenticate({ token, since = 0 }: AuthFrame): Promise<void> {
    const visitor = await this.#admit(token);
    if (this.#visitor && this.#visitor.ref.conversationId !== visitor.ref.conversationId) {
      throw new CodedError('token_invalid', 'The token is for another conversation.');
    }
    await this.#enter(visitor, since);
  }

  async #enter(visitor: Participant, since: number): Promise<void> {
    // Who has gone meanwhile holds no place.
    if (!this.#isOpen()) return;
    this.#leaveConversation ??= this.#api.limits.hold('conversation.socket', keyOf(visitor.ref));
    // From here on the socket is not silent, however long its transcript is.
    this.#halfOpen.delete(this);
    this.#unwatch ??= visitor.watch?.((code) =>
      this.#expel(new CodedError(code, 'You may not stay in this conversation.')),
    );
    this.#endAtExpiryOf(visitor);
    if (this.#open) {
      const { sentSeq } = this.#open.stream;
      this.#sender.send({ type: 'ready', conversationId: visitor.ref.conversationId, lastSeq: sentSeq });
    } else {
      this.#bindLogger(visitor);
      await this.#openStream(visitor, since);
    }
    this.#visitor = visitor;
  }

  async #openStream({ ref }: Participant, since: number): Promise<void> {
    const options = { api: this.#api, catchUp: this.#catchUp, sender: this.#sender, logger: this.#logger, ref, since };
    const open = await openStream(options);
    // The client may have gone meanwhile.
    if (this.#isOpen()) this.#open = open;
    else await open.close();
  }

  async #accept(visitor: Participant, message: MessageFrame): Promise<void> {
    const { clientMessageId } = message;
    const refusal = this.#order.refusalOf(clientMessageId);
    if (refusal) throw refusal;
    // Else one program in many conversations would have all that its tenant may write.
    this.#api.limits.spend('ip.message', this.#address);
    await visitor.accept(message);
    this.#order.settled();
    this.#sender.send({ type: 'ack', clientMessageId });
    this.#open?.stream.expectEcho(clientMessageId);
  }

  async #rate(visitor: Participant, rating: number): Promise<void> {
    this.#api.limits.spend('ip.message', this.#address);
    this.#sender.send({ type: 'rated', rating: await visitor.rate(rating) });
  }

  #refuse(error: CodedError, cause: unknown, refused: RefusedFrame = {}): void {
    this.#api.metrics.errors.inc({ code: error.code, transport: 'ws' });
    if (error.code === 'internal') this.#logger.error({ err: cause }, 'a frame failed');
    else this.#logger.info({ code: error.code }, 'a frame was refused');
    const { clientMessageId } = refused;
    if (clientMessageId && isForNow(error)) this.#keepOrderAfter(clientMessageId, error);
    this.#sender.sendError(error, refused);
    this.#refusals += 1;
    if (!this.#visitor) this.#end(closeCodeOf(error), error.code);
    else if (this.#refusals >= MAX_REFUSALS) this.#end(CLOSE_CODES.rate_limited, 'too many refusals');
  }

  /** Closes, and looks at no frame that is still waiting. */
  #end(code: number, reason: string): void {
    void this.#inbound.end();
    this.#sender.close(code, reason);
  }

  #keepOrderAfter(clientMessageId: string, error: CodedError): void {
    // One that is refused only for the sake of another keeps waiting for that other.
    if (!this.#order.refusalOf(clientMessageId)) this.#order.refused(clientMessageId, error);
  }

  #endAtExpiryOf(visitor: Participant): void {
    clearTimeout(this.#deadline);
    if (!this.#isOpen()) return;
    const { expiresAt, renew } = visitor;
    const remaining = expiresAt.getTime() - Date.now();
    this.#deadline = renew
      ? setTimeout(() => void this.#renew(visitor, renew), remaining)
      : this.#endIn(remaining + EXPIRY_GRACE_MS, 'token_expired', 'The token has expired; connect with a new one.');
  }

  async #renew(visitor: Participant, renew: () => Promise<Participant>): Promise<void> {
    try {
      this.#visitor = await renew();
      this.#endAtExpiryOf(this.#visitor);
    } catch (error) {
      const refusal = toCodedError(error);
      const isLate = Date.now() > visitor.expiresAt.getTime() + EXPIRY_GRACE_MS;
      // While nobody can say, a socket is not cut off at once.
      if (isPassing(refusal.code) && !isLate && this.#isOpen()) {
        this.#deadline = setTimeout(() => void this.#renew(visitor, renew), RENEW_RETRY_MS);
        return;
      }
      this.#expel(refusal);
    }
  }

  #expel(refusal: CodedError): void {
    this.#api.metrics.errors.inc({ code: refusal.code, transport: 'ws' });
    this.#sender.sendError(refusal);
    this.#end(closeCodeOf(refusal), refusal.code);
  }

  #endIn(ms: number, code: 'auth_timeout' | 'token_expired', message: string): NodeJS.Timeout {
    return setTimeout(() => this.#expel(new CodedError(code, message)), ms);
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #bindLogger({ ref }: Participant): void {
    this.#logger = this.#logger.child({ tenant_id: ref.tenantId, conversation_id: ref.conversationId });
  }

  async #release(): Promise<void> {
    clearTimeout(this.#deadline);
    this.#halfOpen.delete(this);
    this.#leaveConversation?.();
    this.#unwatch?.();
    const open = this.#open;
    this.#open = undefined;
    await Promise.all([this.#inbound.end(), open?.close()]);
  }
}

function nameOf(frame: ClientFrame): RefusedFrame {
  if (frame.type === 'rate') return { frame: 'rate' };
  return frame.type === 'message' ? { clientMessageId: frame.clientMessageId } : {};
}

/** Whether the same message may be accepted a moment later. */
function isForNow({ retryAfterSeconds }: CodedError): boolean {
  return retryAfterSeconds !== undefined;
}

function closeCodeOf({ code }: CodedError): number {
  if (code === 'origin_not_allowed') return CLOSE_CODES.forbidden;
  if (isPassing(code)) return TRY_AGAIN_LATER;
  return hasCloseCode(code) ? CLOSE_CODES[code] : CLOSE_CODES.token_invalid;
}

function hasCloseCode(code: string): code is keyof typeof CLOSE_CODES {
  return Object.hasOwn(CLOSE_CODES, code);
}

function isPassing(code: CodedError['code']): boolean {
  return code === 'database_unavailable' || code === 'engine_unavailable' || code === 'internal';
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { CodedError } from '../../contracts/errors.ts';
import { AUTH_DEADLINE_MS, CLOSE_CODES, type ClientFrame } from '../../contracts/frames.ts';
import type { ApiContext } from '../context.ts';
import { acceptMessage } from '../edge/acceptMessage.ts';
import { admitVisitor, type Visitor } from '../edge/visitor.ts';
import { toCodedError } from '../errors/toCodedError.ts';
import type { CatchUp } from './catchUp.ts';
import { FrameSender } from './frameSender.ts';
import { InboundQueue } from './inboundQueue.ts';
import { type OpenStream, openStream } from './openStream.ts';
import { OrderKeeper } from './orderKeeper.ts';
import { parseFrame } from './parseFrame.ts';

/**
 * A socket outlives its token by this: a client that renews it (a fresh `auth` on the same socket) or reconnects a little late
 * is not cut off.
 */
const EXPIRY_GRACE_MS = 60_000;
/** Refusals in a row after which a client is taken for broken or hostile. */
const MAX_REFUSALS = 100;
const TRY_AGAIN_LATER = 1013;

type MessageFrame = ClientFrame & { type: 'message' };
type AuthFrame = ClientFrame & { type: 'auth' };

export interface VisitorSocketOptions {
  socket: WebSocket;
  api: ApiContext;
  catchUp: CatchUp;
  logger: Logger;
  /** The page that the socket comes from; undefined for clients that are no browser. */
  origin: string | undefined;
}

/** One visitor's connection: first frame `auth`, then frames strictly in order, each answered before the next is looked at. */
export class VisitorSocket {
  readonly #socket: WebSocket;
  readonly #api: ApiContext;
  readonly #catchUp: CatchUp;
  readonly #origin: string | undefined;
  readonly #sender: FrameSender;
  readonly #inbound: InboundQueue;
  readonly #order = new OrderKeeper<CodedError>();
  #logger: Logger;
  #visitor: Visitor | undefined;
  #open: OpenStream | undefined;
  #deadline: NodeJS.Timeout;
  #refusals = 0;

  constructor({ socket, api, catchUp, logger, origin }: VisitorSocketOptions) {
    this.#socket = socket;
    this.#api = api;
    this.#catchUp = catchUp;
    this.#logger = logger;
    this.#origin = origin;
    this.#sender = new FrameSender(socket);
    this.#inbound = new InboundQueue(socket, (data, isBinary) => this.#handle(data, isBinary));
    this.#deadline = this.#endIn(AUTH_DEADLINE_MS, 'auth_timeout', 'The first frame must be auth.');
    socket.on('close', () => void this.#release());
  }

  /**
   * Finishes the frame under way, so that what was accepted is acknowledged, and tells the client to connect elsewhere; after
   * `withinMs` at the latest.
   */
  async shutDown(withinMs: number): Promise<void> {
    const patience = new AbortController();
    const late = sleep(withinMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#inbound.end(), late]);
    patience.abort();
    this.#sender.close(CLOSE_CODES.shutting_down, 'shutting down');
  }

  async #handle(data: Buffer, isBinary: boolean): Promise<void> {
    const parsed = parseFrame(data, isBinary);
    const clientMessageId = 'error' in parsed ? parsed.clientMessageId : idOf(parsed.frame);
    try {
      if (this.#visitor) await this.#api.frameLimiter.consume(this.#visitor.ref);
      if ('error' in parsed) throw parsed.error;
      await this.#dispatch(parsed.frame);
      this.#refusals = 0;
    } catch (error) {
      this.#refuse(toCodedError(error), error, clientMessageId);
    }
  }

  async #dispatch(frame: ClientFrame): Promise<void> {
    if (frame.type === 'auth') return this.#authenticate(frame);
    if (!this.#visitor) throw new CodedError('auth_required', 'The first frame must be auth.');
    if (frame.type === 'message') return this.#accept(this.#visitor, frame);
    this.#sender.send({ type: 'pong' });
  }

  async #authenticate({ token, since = 0 }: AuthFrame): Promise<void> {
    const visitor = await admitVisitor(this.#api, token, this.#origin);
    if (this.#visitor && this.#visitor.ref.conversationId !== visitor.ref.conversationId) {
      throw new CodedError('token_invalid', 'The token is for another conversation.');
    }
    // From here on the socket is not silent, however long its transcript is.
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

  async #openStream({ ref }: Visitor, since: number): Promise<void> {
    const options = { api: this.#api, catchUp: this.#catchUp, sender: this.#sender, logger: this.#logger, ref, since };
    const open = await openStream(options);
    // The client may have gone meanwhile.
    if (this.#isOpen()) this.#open = open;
    else await open.close();
  }

  async #accept(visitor: Visitor, message: MessageFrame): Promise<void> {
    const { clientMessageId } = message;
    const refusal = this.#order.refusalOf(clientMessageId);
    if (refusal) throw refusal;
    await acceptMessage(this.#api, visitor, message);
    this.#order.settled();
    this.#sender.send({ type: 'ack', clientMessageId });
    this.#open?.stream.expectEcho(clientMessageId);
  }

  #refuse(error: CodedError, cause: unknown, clientMessageId: string | undefined): void {
    this.#api.metrics.errors.inc({ code: error.code, transport: 'ws' });
    if (error.code === 'internal') this.#logger.error({ err: cause }, 'a frame failed');
    else this.#logger.info({ code: error.code }, 'a frame was refused');
    if (clientMessageId && isForNow(error)) this.#keepOrderAfter(clientMessageId, error);
    this.#sender.sendError(error, clientMessageId);
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

  #endAtExpiryOf({ expiresAt }: Visitor): void {
    clearTimeout(this.#deadline);
    if (!this.#isOpen()) return;
    const remaining = expiresAt.getTime() - Date.now() + EXPIRY_GRACE_MS;
    this.#deadline = this.#endIn(remaining, 'token_expired', 'The token has expired; connect with a new one.');
  }

  #endIn(ms: number, code: 'auth_timeout' | 'token_expired', message: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#api.metrics.errors.inc({ code, transport: 'ws' });
      this.#sender.sendError(new CodedError(code, message));
      this.#end(CLOSE_CODES[code], code);
    }, ms);
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #bindLogger({ ref }: Visitor): void {
    this.#logger = this.#logger.child({ tenant_id: ref.tenantId, conversation_id: ref.conversationId });
  }

  async #release(): Promise<void> {
    clearTimeout(this.#deadline);
    const open = this.#open;
    this.#open = undefined;
    await Promise.all([this.#inbound.end(), open?.close()]);
  }
}

function idOf(frame: ClientFrame): string | undefined {
  return frame.type === 'message' ? frame.clientMessageId : undefined;
}

/** Whether the same message may be accepted a moment later. */
function isForNow({ retryAfterSeconds }: CodedError): boolean {
  return retryAfterSeconds !== undefined;
}

function closeCodeOf({ code }: CodedError): number {
  if (code === 'origin_not_allowed') return CLOSE_CODES.forbidden;
  if (code === 'payload_too_large') return CLOSE_CODES.payload_too_large;
  return isPassing(code) ? TRY_AGAIN_LATER : CLOSE_CODES.token_invalid;
}

function isPassing(code: CodedError['code']): boolean {
  return code === 'database_unavailable' || code === 'engine_unavailable' || code === 'internal';
}

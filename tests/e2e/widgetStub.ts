import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '../../contracts/frames.ts';
import type { Message } from '../../contracts/message.ts';
import type { Closing } from '../../contracts/rating.ts';
import { type SiteLook, siteLookSchema } from '../../contracts/site.ts';
import { StubFiles } from './stubFiles.ts';

type VisitorFrame = Extract<ClientFrame, { type: 'message' }>;

export interface WidgetStubOptions {
  widgetFile: string;
  pageDir: string;
  look?: Partial<SiteLook>;
  messageLength?: number;
}

/**
 * The protocol's server side with switches for what may go wrong: real HTTP and WebSocket, one conversation in memory. By
 * default it acks each message and echoes it, as a healthy server does.
 */
export class WidgetStub {
  readonly conversationId = uuidv7();
  /** Every frame that came, in order, over all sockets. */
  readonly received: ClientFrame[] = [];
  readonly messages: Message[] = [];
  readonly requests: string[] = [];
  readonly files = new StubFiles();
  /** Replaces the default treatment of a visitor's message. */
  onMessage: (frame: VisitorFrame) => void = (frame) => this.accept(frame);
  /** While set, every HTTP request of the API is refused with it. */
  refusal: { status: number; code: string } | undefined;
  /** While set, no page of messages is served. */
  withholdPages = false;
  /** How the conversation stands. */
  closed: Closing | null = null;
  /** Replaces the default treatment of a rating: that it counts, if it is the first. */
  onRate: (rating: number) => void = (rating) => this.rate(rating);
  /** Counts sockets that authenticated. */
  connects = 0;
  private challenges = 0;
  private readonly spent = new Set<string>();
  private readonly tokens = new Set<string>();
  private socket: WebSocket | undefined;
  private readonly options: WidgetStubOptions;
  private readonly http = createServer((request, response) => void this.serve(request, response));
  private readonly sockets = new WebSocketServer({ server: this.http, path: '/v1/ws' });

  constructor(options: WidgetStubOptions) {
    this.options = options;
    this.sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => this.take(socket, data.toString('utf8')));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.http.listen(0, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** Sends a frame on the present socket. */
  push(frame: ServerFrame): void {
    this.socket?.send(JSON.stringify(frame));
  }

  /** Cuts the connection as a dying server does. */
  drop(): void {
    this.socket?.terminate();
    this.socket = undefined;
  }

  /** Closes the conversation as the server does. */
  closeConversation(): void {
    this.closed = { rating: null };
    this.push({ type: 'conversation_closed' });
  }

  rate(rating: number): void {
    this.closed = { rating: this.closed?.rating ?? rating };
    this.push({ type: 'rated', rating: this.closed.rating ?? rating });
  }

  ack({ clientMessageId }: Pick<VisitorFrame, 'clientMessageId'>): void {
    this.push({ type: 'ack', clientMessageId });
  }

  accept(frame: VisitorFrame): void {
    this.ack(frame);
    this.echo(frame);
  }

  /** Records a visitor's message once, whatever the number of times it came, and sends it. */
  echo({ clientMessageId, text, attachments: ids, replyTo: answered }: VisitorFrame): void {
    const replyTo = answered === undefined ? undefined : { messageId: answered };
    if (this.messages.some((message) => message.clientMessageId === clientMessageId)) return;
    const attachments = ids?.flatMap((id) => this.files.attachment(id) ?? []);
    const said = {
      direction: 'INBOUND',
      author: { kind: 'visitor' },
      clientMessageId,
      text,
      attachments,
      replyTo,
    } as const;
    this.deliver(this.record(said));
  }

  /** Puts a message in the conversation without sending it. */
  record(part: Pick<Message, 'text'> & Partial<Message>): Message {
    const message: Message = {
      id: uuidv7(),
      seq: this.messages.length + 1,
      direction: 'OUTBOUND',
      author: { kind: 'bot' },
      createdAt: new Date().toISOString(),
      ...part,
    };
    this.messages.push(message);
    return message;
  }

  deliver(message: Message): void {
    this.push({ type: 'message', ...message });
  }

  /** Records a message and sends it. */
  say(part: Pick<Message, 'text'> & Partial<Message>): Message {
    const message = this.record(part);
    this.deliver(message);
    return message;
  }

  /** Texts of the message frames that came, repeats included. */
  sentTexts(): string[] {
    return this.received.flatMap((frame) => (frame.type === 'message' ? [frame.text] : []));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.http.closeAllConnections();
    await new Promise((resolve) => {
      this.http.close(resolve);
    });
  }

  private take(socket: WebSocket, json: string): void {
    const frame = clientFrameSchema.parse(JSON.parse(json));
    this.received.push(frame);
    if (frame.type === 'auth') this.authenticate(socket, frame);
    else if (socket !== this.socket) return;
    else if (frame.type === 'message') this.onMessage(frame);
    else if (frame.type === 'rate') this.onRate(frame.rating);
    else if (frame.type === 'ping') this.push({ type: 'pong' });
  }

  private authenticate(socket: WebSocket, { token, since = 0 }: Extract<ClientFrame, { type: 'auth' }>): void {
    if (!this.tokens.delete(token)) {
      socket.send(JSON.stringify({ type: 'error', code: 'token_expired', message: 'Not a fresh token' }));
      socket.close(4401);
      return;
    }
    this.socket = socket;
    this.connects += 1;
    for (const message of this.messages) if (message.seq > since) this.deliver(message);
    const { conversationId, closed } = this;
    this.push({ type: 'ready', conversationId, lastSeq: this.messages.length, closed });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const isApi = pathname.startsWith('/v1/');
    if (isApi) this.requests.push(`${request.method} ${pathname}`);
    if (isApi && this.refusal) {
      const { status, code } = this.refusal;
      sendJson(response, status, { type: 'about:blank', title: code, status, code });
    } else if (pathname === '/v1/webchat/config') sendJson(response, 200, this.config());
    else if (pathname === '/v1/webchat/init' || pathname === '/v1/webchat/token') await this.grant(request, response);
    else if (pathname.endsWith('/messages')) this.page(response, Number(searchParams.get('since')));
    else if (!(await this.files.serve(request, response, pathname))) await this.file(response, pathname);
  }

  private config() {
    this.challenges += 1;
    return {
      siteKey: 'demo',
      look: siteLookSchema.parse(this.options.look ?? {}),
      challenge: `challenge-${this.challenges}`,
      challengeExpiresAt: new Date(Date.now() + 60_000).toISOString(),
      limits: { messageLength: this.options.messageLength ?? 8_000, frameBytes: 65_536, fileBytes: 10_485_760 },
    };
  }

  /** A challenge buys one token, a token one connect. */
  private async grant(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { challenge } = JSON.parse(await readBody(request));
    if (this.spent.has(challenge)) {
      sendJson(response, 401, { type: 'about:blank', title: 'Spent', status: 401, code: 'challenge_invalid' });
      return;
    }
    this.spent.add(challenge);
    const token = randomUUID();
    this.tokens.add(token);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    sendJson(response, 200, { conversationId: this.conversationId, token, expiresAt });
  }

  private page(response: ServerResponse, since: number): void {
    const messages = this.withholdPages ? [] : this.messages.filter(({ seq }) => seq > since);
    sendJson(response, 200, { messages, lastSeq: this.messages.length, hasMore: false, closed: this.closed });
  }

  /** The page's policy allows nothing inline: the widget must do without. */
  private async file(response: ServerResponse, pathname: string): Promise<void> {
    const { widgetFile, pageDir } = this.options;
    const path =
      pathname === '/widget.js' ? widgetFile : `${pageDir}${pathname === '/' ? 'index.html' : pathname.slice(1)}`;
    const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', html: 'text/html; charset=utf-8' };
    try {
      const content = await readFile(path);
      response.writeHead(200, {
        'content-type': types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
        'content-security-policy':
          "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws:; base-uri 'none'",
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

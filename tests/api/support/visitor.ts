import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../../contracts/frames.ts';
import type { ConfigResponse, InitRequest, TokenResponse } from '../../../contracts/webchat.ts';

type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

const WAIT_MS = 20_000;

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** One request of a page or a server; JSON in, JSON out. */
export async function request(
  url: string,
  {
    origin,
    token,
    body,
    ...init
  }: Omit<RequestInit, 'body'> & { origin?: string; token?: string; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    ...init,
    method: init.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(origin ? { origin } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...init.headers,
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
}

export async function readConfig(url: string, siteKey: string, origin: string): Promise<ConfigResponse> {
  const { body } = await request(`${url}/v1/webchat/config?siteKey=${siteKey}`, { origin });
  return body as ConfigResponse;
}

/** Config, challenge, init: what the widget does before its first connect. */
export async function openConversation(
  url: string,
  { siteKey, origin }: { siteKey: string; origin: string },
  more: Partial<InitRequest> = {},
): Promise<TokenResponse> {
  const { challenge } = await readConfig(url, siteKey, origin);
  const { status, body } = await request(`${url}/v1/webchat/init`, { origin, body: { siteKey, challenge, ...more } });
  if (status !== 200) throw new Error(`init answered ${status} ${String(body['code'])}`);
  return body as TokenResponse;
}

/** Config, challenge, token: what the widget does before each later connect, as a token opens one socket. */
export async function freshToken(
  url: string,
  { siteKey, origin }: { siteKey: string; origin: string },
  conversationId: string,
): Promise<string> {
  const { challenge } = await readConfig(url, siteKey, origin);
  const asked = { siteKey, challenge, conversationId };
  const { status, body } = await request(`${url}/v1/webchat/token`, { origin, body: asked });
  if (status !== 200) throw new Error(`token answered ${status} ${String(body['code'])}`);
  return body['token'] as string;
}

/** A socket that remembers every frame, so that a test never misses one that came early. */
export class VisitorClient {
  readonly frames: ServerFrame[] = [];
  closeCode: number | undefined;
  readonly #socket: WebSocket;
  readonly #watchers = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as ServerFrame);
      this.#wake();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    socket.on('error', () => {});
  }

  /** Connects, without a word yet. */
  static async connect(
    url: string,
    origin?: string,
    { path = '/v1/ws', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
  ): Promise<VisitorClient> {
    const address = `${url.replace('http', 'ws')}${path}`;
    const socket = new WebSocket(address, { headers, ...(origin ? { origin } : {}) });
    const client = new VisitorClient(socket);
    await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  /** Connects and authenticates. */
  static async join(
    url: string,
    token: string,
    options: { since?: number; origin?: string } = {},
  ): Promise<VisitorClient> {
    const client = await VisitorClient.connect(url, options.origin);
    client.send({ type: 'auth', token, since: options.since });
    await client.next('ready');
    return client;
  }

  send(frame: object): void {
    this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** Sends a message and returns its id. */
  say(text: string, clientMessageId: string = randomUUID()): string {
    this.send({ type: 'message', clientMessageId, text });
    return clientMessageId;
  }

  /** The first frame of the type that matches, waiting for it if need be. */
  async next<Type extends ServerFrame['type']>(
    type: Type,
    matches: (frame: FrameOf<Type>) => boolean = () => true,
  ): Promise<FrameOf<Type>> {
    const find = () =>
      this.frames.find((frame): frame is FrameOf<Type> => frame.type === type && matches(frame as FrameOf<Type>));
    await this.#until(() => find() !== undefined || this.closeCode !== undefined, type);
    const frame = find();
    if (!frame) throw new Error(`closed with ${this.closeCode} before a frame ${type}`);
    return frame;
  }

  ack(clientMessageId: string): Promise<FrameOf<'ack'>> {
    return this.next('ack', (frame) => frame.clientMessageId === clientMessageId);
  }

  error(code: string): Promise<FrameOf<'error'>> {
    return this.next('error', (frame) => frame.code === code);
  }

  message(text: string): Promise<FrameOf<'message'>> {
    return this.next('message', (frame) => frame.text === text);
  }

  messages(): FrameOf<'message'>[] {
    return this.frames.filter((frame) => frame.type === 'message');
  }

  /** Resolves with the close code. */
  async closed(): Promise<number> {
    await this.#until(() => this.closeCode !== undefined, 'close');
    return this.closeCode ?? 0;
  }

  leave(): void {
    this.#socket.close();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`no ${what} within ${WAIT_MS} ms; got ${this.frames.map(({ type }) => type).join(', ')}`));
      }, WAIT_MS);
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
    });
  }

  #wake(): void {
    for (const check of [...this.#watchers]) check();
  }
}

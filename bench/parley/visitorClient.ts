import { v7 as uuidv7 } from 'uuid';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../contracts/frames.ts';
import type { ConfigResponse, TokenResponse } from '../../contracts/webchat.ts';
import { type Deferred, deferred } from '../deferred.ts';
import type { Sent } from '../path.ts';
import { MESSAGE_TEXT } from '../settings.ts';

/** A visitor with an open socket, as the widget is one. */
export class VisitorClient {
  readonly #socket: WebSocket;
  readonly #unacked = new Map<string, Deferred>();
  readonly #unanswered = new Map<string, Deferred>();
  /** The visitor's message that came back last: the flow's answer to it comes next. */
  #echoed = '';
  readonly #ready = deferred();

  private constructor(socket: WebSocket, token: string) {
    this.#socket = socket;
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token })));
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as ServerFrame));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', (code) => this.#fail(new Error(`The socket was closed with ${code}`)));
  }

  /** Config, init, connect, authenticate. */
  static async open(apiUrl: string, siteKey: string): Promise<VisitorClient> {
    const config = await json<ConfigResponse>(`${apiUrl}/v1/webchat/config?siteKey=${siteKey}`);
    const { token } = await json<TokenResponse>(`${apiUrl}/v1/webchat/init`, { siteKey, challenge: config.challenge });
    const socket = new WebSocket(`${apiUrl.replace('http', 'ws')}/v1/ws`);
    const client = new VisitorClient(socket, token);
    await client.#ready.promise;
    return client;
  }

  say(text = MESSAGE_TEXT): Sent {
    const clientMessageId = uuidv7();
    const acked = deferred();
    const replied = deferred();
    this.#unacked.set(clientMessageId, acked);
    this.#unanswered.set(clientMessageId, replied);
    this.#socket.send(JSON.stringify({ type: 'message', clientMessageId, text }));
    return { acked: acked.promise, replied: replied.promise };
  }

  leave(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.close();
  }

  #take(frame: ServerFrame): void {
    const at = performance.now();
    if (frame.type === 'ready') this.#ready.resolve(at);
    if (frame.type === 'ack') take(this.#unacked, frame.clientMessageId)?.resolve(at);
    if (frame.type === 'message' && frame.direction === 'INBOUND') this.#echoed = frame.clientMessageId ?? '';
    if (frame.type === 'message' && frame.direction === 'OUTBOUND') take(this.#unanswered, this.#echoed)?.resolve(at);
    if (frame.type === 'error') this.#refused(frame);
  }

  #refused({ code, clientMessageId = '' }: Extract<ServerFrame, { type: 'error' }>): void {
    const error = new Error(`The API answered ${code}`);
    this.#ready.reject(error);
    take(this.#unacked, clientMessageId)?.reject(error);
    take(this.#unanswered, clientMessageId)?.reject(error);
  }

  #fail(error: Error): void {
    for (const waiting of [this.#ready, ...this.#unacked.values(), ...this.#unanswered.values()]) waiting.reject(error);
  }
}

function take(waiting: Map<string, Deferred>, id: string): Deferred | undefined {
  const found = waiting.get(id);
  waiting.delete(id);
  return found;
}

async function json<T>(url: string, body?: unknown): Promise<T> {
  const response = await fetch(
    url,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return (await response.json()) as T;
}

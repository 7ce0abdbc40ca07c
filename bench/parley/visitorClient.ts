import { v7 as uuidv7 } from 'uuid';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../contracts/frames.ts';
import type { ConfigResponse, MessageRequest, TokenResponse } from '../../contracts/webchat.ts';
import { type Deferred, deferred } from '../deferred.ts';
import { json } from '../json.ts';
import type { Sent } from '../path.ts';
import { MESSAGE_TEXT } from '../settings.ts';

/** A visitor with an open socket, as the widget is one. */
export class VisitorClient {
  readonly conversationId: string;
  readonly #apiUrl: string;
  readonly #token: string;
  readonly #socket: WebSocket;
  readonly #unacked = new Map<string, Deferred>();
  readonly #unanswered = new Map<string, Deferred>();
  /** The visitor's message that came back last: the flow's answer to it comes next. */
  #echoed = '';
  readonly #ready = deferred();

  private constructor(apiUrl: string, { conversationId, token }: TokenResponse) {
    this.conversationId = conversationId;
    this.#apiUrl = apiUrl;
    this.#token = token;
    this.#socket = new WebSocket(`${apiUrl.replace('http', 'ws')}/v1/ws`);
    const socket = this.#socket;
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token })));
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as ServerFrame));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', (code) => this.#fail(new Error(`The socket was closed with ${code}`)));
  }

  /** Config, init, connect, authenticate. */
  static async open(apiUrl: string, siteKey: string): Promise<VisitorClient> {
    const config = await json<ConfigResponse>(`${apiUrl}/v1/webchat/config?siteKey=${siteKey}`);
    const { challenge } = config;
    const client = new VisitorClient(apiUrl, await json(`${apiUrl}/v1/webchat/init`, { siteKey, challenge }));
    await client.#ready.promise;
    return client;
  }

  /** Over the socket, as the widget does. */
  say(text = MESSAGE_TEXT): Sent {
    return this.sayBy((clientMessageId) => {
      const acked = deferred();
      this.#unacked.set(clientMessageId, acked);
      this.#socket.send(JSON.stringify({ type: 'message', clientMessageId, text }));
      return acked.promise;
    });
  }

  /** As a request of its own, which brings the token. */
  sayOverHttp(): Sent {
    return this.sayBy(async (clientMessageId) => {
      const body: MessageRequest = { clientMessageId, text: MESSAGE_TEXT };
      await json(`${this.#apiUrl}/v1/webchat/message`, body, { authorization: `Bearer ${this.#token}` });
      return performance.now();
    });
  }

  /** By whatever way; the reply comes over the socket. `carry` resolves when the message was acknowledged. */
  sayBy(carry: (clientMessageId: string) => Promise<number>): Sent {
    const clientMessageId = uuidv7();
    const replied = deferred();
    this.#unanswered.set(clientMessageId, replied);
    return { acked: carry(clientMessageId), replied: replied.promise };
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

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../contracts/frames.ts';
import type { Message } from '../../contracts/message.ts';
import type { ConfigResponse } from '../../contracts/webchat.ts';
import { Session } from '../../widget/session.ts';
import { reduce } from '../../widget/state/reduce.ts';
import { hasHole } from '../../widget/state/selectors.ts';
import { INITIAL_STATE } from '../../widget/state/types.ts';
import { createStore } from '../../widget/store.ts';
import { Connection } from '../../widget/transport/connection.ts';
import { createCredentials } from '../../widget/transport/credentials.ts';
import { createHttpApi, type HttpApi } from '../../widget/transport/httpApi.ts';
import type { OpenSocket } from '../../widget/transport/openWebSocket.ts';
import { SITE_KEY } from './scenario.ts';

/** A text that the visitor has sent, from the press of the key on. Times are epoch milliseconds. */
export interface SentText {
  text: string;
  at: number;
  clientMessageId: string;
}

/** A message frame as it came off the socket. */
export interface ShownMessage {
  at: number;
  message: Message;
}

interface Api {
  url: string;
  http: HttpApi;
}

/**
 * A visitor: the widget's own session, state and transport in Node. As behind a load balancer, each connect goes to the
 * other API instance.
 */
export class Visitor {
  readonly sent: SentText[] = [];
  readonly shown: ShownMessage[] = [];
  readonly acknowledged = new Set<string>();
  readonly #store = createStore(reduce, INITIAL_STATE);
  readonly #session: Session;
  readonly #apis: readonly Api[];
  #turn: number;
  #conversationId: string | undefined;

  private constructor(number: number, apiUrls: readonly string[], config: ConfigResponse) {
    this.#turn = number;
    this.#apis = apiUrls.map((url) => ({ url, http: createHttpApi(url) }));
    const credentials = createCredentials({
      api: {
        config: (siteKey) => this.#api().http.config(siteKey),
        init: (request) => this.#api().http.init(request),
        token: (request, lastToken) => this.#api().http.token(request, lastToken),
        messages: (input) => this.#api().http.messages(input),
      },
      siteKey: SITE_KEY,
      config,
      memory: {
        read: () => this.#conversationId,
        write: (conversationId) => {
          this.#conversationId = conversationId;
        },
      },
      describeVisitor: () => ({ visitorName: `Visitor ${number}`, source: {} }),
    });
    this.#session = new Session({
      store: this.#store,
      messageLength: config.limits.messageLength,
      // It says words alone.
      shelf: { put: () => {}, upload: async () => {} },
      authorise: () => {
        this.#turn += 1;
        return credentials();
      },
      loadMessages: (input) => this.#api().http.messages(input),
      connect: (options) =>
        new Connection({
          ...options,
          openSocket: (handlers) => openSocket(this.#api().url)(handlers),
          onFrame: (frame) => {
            this.#note(frame);
            options.onFrame(frame);
          },
        }),
    });
  }

  /** Visitor `number` (from 0) opens the page and the chat. */
  static async open(number: number, apiUrls: readonly string[]): Promise<Visitor> {
    const config = await createHttpApi(apiUrls[number % apiUrls.length] ?? '').config(SITE_KEY);
    const visitor = new Visitor(number, apiUrls, config);
    visitor.#session.start();
    while (visitor.#store.get().link !== 'online') await sleep(20);
    return visitor;
  }

  get conversationId(): string {
    if (!this.#conversationId) throw new Error('The conversation was not opened');
    return this.#conversationId;
  }

  /** What is on the visitor's screen, ascending by `seq`. */
  get screen(): readonly Message[] {
    return this.#store.get().messages;
  }

  /** Nothing waits to be sent and nothing that the server has is missing. */
  get settled(): boolean {
    const state = this.#store.get();
    return state.link === 'online' && state.outgoing.length === 0 && !hasHole(state);
  }

  send(text: string): void {
    const outcome = this.#session.send(text);
    const queued = this.#store.get().outgoing.at(-1);
    if (outcome !== 'queued' || !queued) throw new Error(`The widget did not take the message: ${outcome}`);
    this.sent.push({ text, at: Date.now(), clientMessageId: queued.clientMessageId });
  }

  leave(): void {
    this.#session.stop();
  }

  #api(): Api {
    const api = this.#apis[this.#turn % this.#apis.length];
    if (!api) throw new Error('There is no API');
    return api;
  }

  #note(frame: ServerFrame): void {
    if (frame.type === 'ack') this.acknowledged.add(frame.clientMessageId);
    if (frame.type !== 'message') return;
    this.shown.push({ at: Date.now(), message: frame });
    // Its own message on the screen tells the visitor as much as the acknowledgement that a dead API could not send.
    if (frame.clientMessageId) this.acknowledged.add(frame.clientMessageId);
  }
}

function openSocket(baseUrl: string): OpenSocket {
  const url = `${baseUrl.replace(/^http/, 'ws')}/v1/ws`;
  return ({ onOpen, onText, onClose }) => {
    const socket = new WebSocket(url);
    socket.on('open', onOpen);
    socket.on('message', (data: Buffer) => onText(data.toString()));
    socket.on('close', onClose);
    // A refused connection is told by `close`, as in a browser.
    socket.on('error', () => {});
    return { send: (text) => socket.send(text), close: () => socket.close(1000) };
  };
}

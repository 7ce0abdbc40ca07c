import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  errorBody,
  type FakeAnswer,
  type FakeBehaviour,
  type FakeRequestBody,
  streamEvents,
  wholeCompletion,
} from './fakeCompletion.ts';

export interface FakeAi {
  /** To be used as the base URL of an OpenAI-compatible provider. */
  baseUrl: string;
  apiKey: string;
  /** Bodies of the authorised requests so far. */
  readonly requests: readonly FakeRequestBody[];
  /** Requests whose client went away before the answer was complete. */
  readonly abandoned: number;
  /** The next requests are treated so, one each, before `otherwise` applies again. */
  next(...behaviours: FakeBehaviour[]): void;
  otherwise(behaviour: FakeBehaviour): void;
  close(): Promise<void>;
}

const HELLO: FakeAnswer = { kind: 'answer', pieces: ['Hello', ' there', '!'] };

/**
 * An HTTP server on the loopback interface that speaks OpenAI's chat completions, streamed and whole, with the errors of the
 * original: 401 for a wrong key, 404 for another path, 400 for a body without messages. It can be told to misbehave.
 */
export async function startFakeAi(options: { apiKey?: string; port?: number } = {}): Promise<FakeAi> {
  const apiKey = options.apiKey ?? 'fake-key';
  const requests: FakeRequestBody[] = [];
  const queue: FakeBehaviour[] = [];
  let fallback: FakeBehaviour = HELLO;
  const brokenByUs = new WeakSet<ServerResponse>();
  let abandoned = 0;

  function breakOff(response: ServerResponse): void {
    brokenByUs.add(response);
    response.destroy();
  }

  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished && !brokenByUs.has(response)) abandoned += 1;
    });
    serve(request, response).catch(() => breakOff(response));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || new URL(request.url ?? '/', 'http://fake').pathname !== '/v1/chat/completions') {
      return refuse(response, { kind: 'error', status: 404, code: 'unknown_url', message: 'Unknown request URL' });
    }
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      return refuse(response, { kind: 'error', status: 401, code: 'invalid_api_key', message: 'Incorrect API key' });
    }
    const body = (await json(request)) as FakeRequestBody;
    if (!Array.isArray(body.messages) || body.messages.length === 0) {
      return refuse(response, { kind: 'error', status: 400, message: "Missing required parameter: 'messages'." });
    }
    requests.push(body);
    const behaviour = queue.shift() ?? fallback;
    if (behaviour.kind === 'hang') return;
    if (behaviour.kind === 'error') return refuse(response, behaviour);
    if (!body.stream) return sendWhole(response, behaviour, body.model);
    await stream(response, behaviour, body.model);
    if (behaviour.breaks === 'disconnect') breakOff(response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    requests,
    get abandoned() {
      return abandoned;
    },
    next: (...behaviours) => void queue.push(...behaviours),
    otherwise: (behaviour) => {
      fallback = behaviour;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, error: Extract<FakeBehaviour, { kind: 'error' }>): void {
  const { status, retryAfter, message = 'The fake was told to fail', code = null } = error;
  const type = error.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  });
  response.end(errorBody({ message, type, code }));
}

function sendWhole(response: ServerResponse, answer: FakeAnswer, model: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(wholeCompletion(model, answer));
}

async function stream(response: ServerResponse, answer: FakeAnswer, model: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const event of streamEvents(model, answer)) {
    if (answer.delayMs) await sleep(answer.delayMs);
    if (response.destroyed) return;
    // What is not flushed yet would be lost when the connection is broken right after it.
    await new Promise<void>((resolve) => response.write(event, () => resolve()));
  }
  if (answer.breaks !== 'disconnect' && answer.breaks !== 'stall') response.end();
}

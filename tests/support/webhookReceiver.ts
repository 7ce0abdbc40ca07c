import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { until } from '../workflow/until.ts';

/** What a request is answered with; `hang` never is, `close` cuts the connection off. */
export type Answer = number | 'hang' | 'close' | { status: number; headers?: Record<string, string>; body?: string };

/** A request as it came. */
export interface Received {
  path: string;
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Somebody's server, which knows the Standard Webhooks convention and nothing of Parley. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** By path; 204 where nothing is said. */
  readonly answers = new Map<string, (nth: number) => Answer | Promise<Answer>>();
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    this.#server = server;
    server.on('request', (request, response) => void this.#take(request, response));
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WebhookReceiver(server);
  }

  /** The requests to one path. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** The requests to one path once there are that many. */
  async settled(path: string, count: number, withinMs?: number): Promise<Received[]> {
    await until(() => this.at(path).length >= count, `${count} requests to ${path}`, withinMs);
    return this.at(path);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await text(request).catch(() => '');
    this.received.push({ path, id: String(request.headers['webhook-id']), headers: request.headers, body });
    const answer = await (this.answers.get(path)?.(this.at(path).length) ?? 204);
    if (answer === 'hang') return;
    if (answer === 'close') return void response.destroy();
    const { status, headers = {}, body: said = '' } = typeof answer === 'number' ? { status: answer } : answer;
    response.writeHead(status, headers).end(said);
  }
}

/** What a receiver with this secret makes of a request. Throws when the signature is no good. */
export function verified(secret: string, { body, headers }: Received): Record<string, unknown> {
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return new Webhook(secret).verify(body, Object.fromEntries(given)) as Record<string, unknown>;
}

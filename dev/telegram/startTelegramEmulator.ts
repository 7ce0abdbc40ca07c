import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControl } from './control/createControl.ts';
import type { EmulatorControl } from './control/emulatorControl.ts';
import { serveControl, serveControlFile, serveEvents } from './control/serveControl.ts';
import { Faults } from './faults.ts';
import { FloodLimiter, type LimitOption, limitSettings } from './floodLimiter.ts';
import { sendJson, serveBotApi } from './http/serveBotApi.ts';
import { servePage } from './http/servePage.ts';
import { findMethod, validateParameters } from './http/validateParameters.ts';
import { runMethod } from './methods/runMethod.ts';
import { type EmulatorSeed, seedEmulator } from './seedEmulator.ts';
import { FileStorage } from './state/fileStorage.ts';
import { Store } from './state/store.ts';
import { TelegramError } from './telegramError.ts';
import { LongPoll } from './updates/longPoll.ts';
import { RecentUpdates } from './updates/recentUpdates.ts';
import { type InlineCall, WebhookSender, type WebhookTiming } from './updates/webhookSender.ts';

export interface TelegramEmulatorOptions {
  /** 0 (the default) takes a free one. */
  port?: number;
  host?: string;
  /** Folder that keeps the state; without it everything is forgotten at the end. */
  statePath?: string;
  /** 'real' by default. */
  limits?: LimitOption;
  /** Used when there is no state yet. */
  seed?: EmulatorSeed;
  webhookTiming?: Partial<WebhookTiming>;
}

export interface TelegramEmulator extends EmulatorControl {
  /** The Bot API's root: `apiRoot` of client libraries; in a browser, the group as an agent sees it. */
  url: string;
  port: number;
  stop(): Promise<void>;
}

const defaultTiming: WebhookTiming = { retryBaseMs: 1_000, retryMaxMs: 60_000, timeoutMs: 60_000 };

/**
 * Starts a server that behaves as Telegram's Bot API does for forum supergroups: its methods, errors, limits and
 * updates, and on request its misbehaviours.
 */
export async function startTelegramEmulator(options: TelegramEmulatorOptions = {}): Promise<TelegramEmulator> {
  const store = new Store(options.statePath);
  const limiter = new FloodLimiter(limitSettings(options.limits ?? 'real'));
  limiter.restore(store.all('call'));
  const emulator = { store, limiter, files: new FileStorage(options.statePath), faults: new Faults() };
  const longPoll = new LongPoll(store);
  const runInlineCall: InlineCall = (bot, body) => {
    const method = findMethod(String(body['method']));
    try {
      if (method) runMethod(emulator, bot, method, validateParameters(method, { values: body, uploads: new Map() }));
    } catch (error) {
      // Telegram tells nobody how a call in a webhook's answer ended.
      if (!(error instanceof TelegramError)) throw error;
    }
  };
  const webhooks = new WebhookSender(store, { ...defaultTiming, ...options.webhookTiming }, runInlineCall);
  const control = createControl({ ...emulator, longPoll, webhooks, recentUpdates: new RecentUpdates(store) });
  if (options.seed && store.count('group') === 0) {
    await seedEmulator(control, options.seed);
    // The group was there before anybody listened.
    store.transaction(() => {
      for (const update of store.all('update')) store.remove('update', update);
    });
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://emulator');
    if (url.pathname === '/_control/events') return serveEvents(store, response);
    const fileId = /^\/_control\/files\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (fileId) return serveControlFile(emulator, fileId, response);
    const controlName = /^\/_control\/(\w+)$/.exec(url.pathname)?.[1];
    if (controlName) return serveControl(control, controlName, request, response);
    if (await servePage(url.pathname, response)) return;
    await serveBotApi(emulator, longPoll, request, response, url);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      process.stderr.write(`telegram emulator: ${error instanceof Error ? error.stack : String(error)}\n`);
      sendJson(response, 500, { ok: false, error_code: 500, description: 'Internal Server Error' });
    });
  });
  // Longer than clients keep a connection: one closed under a request would look like a call of unknown outcome.
  server.keepAliveTimeout = 120_000;
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  webhooks.wakeAll();
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    webhooks.stop();
    longPoll.finishAll();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    store.close();
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= close();
    return stopped;
  };
  return { ...control, url: `http://${host}:${port}`, port, stop };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Emulator } from '../emulator.ts';
import { type FaultInput, faultError } from '../faults.ts';
import { logCall, makeCall, runMethod } from '../methods/runMethod.ts';
import type { BotRecord } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import { TelegramError } from '../telegramError.ts';
import type { LongPoll } from '../updates/longPoll.ts';
import type { Parameters } from './parameters.ts';
import { type RawParameters, readParameters } from './readParameters.ts';
import { findMethod, validateParameters } from './validateParameters.ts';

function botByToken(store: Store, token: string): BotRecord | undefined {
  for (const bot of store.all('bot')) if (bot.token === token) return bot;
  return undefined;
}

function requireBot(store: Store, token: string): BotRecord {
  const bot = botByToken(store, token);
  if (!bot || bot.revoked) throw new TelegramError(401, 'Unauthorized');
  return bot;
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function sendError(response: ServerResponse, error: TelegramError): void {
  const { code, message, parameters } = error;
  const retryAfter = parameters?.retry_after;
  const body = { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  sendJson(response, code, body, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

function sendServerError(response: ServerResponse, fault: FaultInput): void {
  const code = fault.code ?? 502;
  if (fault.body === 'json') return sendError(response, new TelegramError(code, fault.description ?? 'Bad Gateway'));
  response.writeHead(code, { 'content-type': 'text/html' });
  response.end(`<html><head><title>${code}</title></head><body><center><h1>${code}</h1></center></body></html>`);
}

type Answer = () => void;

function perform(emulator: Emulator, bot: BotRecord, method: string, raw: RawParameters, response: ServerResponse) {
  try {
    const result = runMethod(emulator, bot, method, validateParameters(method, raw));
    return () => sendJson(response, 200, { ok: true, result });
  } catch (error) {
    if (!(error instanceof TelegramError)) throw error;
    return () => sendError(response, error);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Shows a misbehaviour; `work` does the call and gives back how to answer it. */
async function misbehave(fault: FaultInput, response: ServerResponse, work: () => Answer): Promise<void> {
  const answer = fault.kind === 'delay' || fault.afterWork !== false ? work() : undefined;
  if (fault.kind === 'drop') response.destroy();
  else if (fault.kind === 'serverError') sendServerError(response, fault);
  else if (fault.ms !== undefined) {
    await wait(fault.ms);
    (answer ?? work())();
  }
  // What is left is a hang without an end: the client has to give up.
}

function refuse(
  emulator: Emulator,
  bot: BotRecord,
  method: string,
  parameters: Parameters,
  error: TelegramError,
): void {
  emulator.store.transaction(() => logCall(makeCall(emulator, bot, parameters), method, error));
  throw error;
}

async function serveCall(
  emulator: Emulator,
  longPoll: LongPoll,
  token: string,
  methodName: string,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const raw = await readParameters(request, query);
  const bot = requireBot(emulator.store, token);
  const method = findMethod(methodName);
  if (!method) throw new TelegramError(404, 'Not Found: method not found');
  const fault = emulator.faults.take({
    method,
    botId: bot.id,
    chatId: Number(raw.values['chat_id']),
    threadId: Number(raw.values['message_thread_id']),
  });
  const error = fault && faultError(fault);
  if (error) refuse(emulator, bot, method, validateParameters(method, raw), error);
  if (method === 'getUpdates') {
    if (fault) return misbehave(fault, response, () => () => sendJson(response, 200, { ok: true, result: [] }));
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    const call = makeCall(emulator, bot, validateParameters(method, raw));
    return sendJson(response, 200, { ok: true, result: await longPoll.getUpdates(call, gone) });
  }
  const work = () => perform(emulator, bot, method, raw, response);
  if (fault) return misbehave(fault, response, work);
  work()();
  if (method === 'setWebhook') longPoll.stop(bot.id, 'terminated by setWebhook request');
}

function serveFile(emulator: Emulator, token: string, path: string, response: ServerResponse): void {
  requireBot(emulator.store, token);
  const record = [...emulator.store.all('file')].find((file) => file.path === path);
  const bytes = record && emulator.files.read(record);
  if (!record || !bytes) throw new TelegramError(404, 'Not Found');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
  response.end(bytes);
}

/** Serves `/bot<token>/<method>` and `/file/bot<token>/<path>`. */
export async function serveBotApi(
  emulator: Emulator,
  longPoll: LongPoll,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(url.pathname);
    if (file)
      return serveFile(emulator, decodeURIComponent(file[1] ?? ''), decodeURIComponent(file[2] ?? ''), response);
    const call = /^\/bot([^/]+)\/([^/]*)$/.exec(url.pathname);
    if (!call) throw new TelegramError(404, 'Not Found');
    const token = decodeURIComponent(call[1] ?? '');
    await serveCall(emulator, longPoll, token, call[2] ?? '', request, response, url.searchParams);
  } catch (error) {
    if (!(error instanceof TelegramError)) throw error;
    sendError(response, error);
  }
}

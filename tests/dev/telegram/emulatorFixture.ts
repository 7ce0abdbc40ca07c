import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Telegram, TelegramError } from 'telegraf';
import { onTestFinished } from 'vitest';
import {
  startTelegramEmulator,
  type TelegramEmulator,
  type TelegramEmulatorOptions,
} from '../../../dev/telegram/startTelegramEmulator.ts';
import type { TelegramUpdate } from '../../../dev/telegram/state/telegramTypes.ts';

export const botToken = '5000000001:emulated-bot-token';
export const botId = 5_000_000_001;
export const groupId = -1_001_000_000_001;
export const agentA = 7_000_000_001;
export const agentB = 7_000_000_002;

/** An emulator with one group, one bot and two agents, no limits, stopped at the end of the test. */
export async function startEmulator(
  options: TelegramEmulatorOptions = {},
): Promise<{ emulator: TelegramEmulator; telegram: Telegram }> {
  const emulator = await startTelegramEmulator({
    limits: 'off',
    webhookTiming: { retryBaseMs: 20 },
    ...options,
    seed: { botToken, groupId, ...options.seed },
  });
  onTestFinished(() => emulator.stop());
  return { emulator, telegram: new Telegram(botToken, { apiRoot: emulator.url }) };
}

/** Telegram's refusal of a call, as telegraf gives it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; description: string; parameters?: object }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TelegramError) {
      return {
        code: error.code,
        description: error.description,
        ...(error.parameters && { parameters: error.parameters }),
      };
    }
    throw error;
  }
  throw new Error('the call was not refused');
}

/** Waits until `look` gives something. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${what}`);
}

export interface Received {
  update: TelegramUpdate;
  headers: IncomingHttpHeaders;
}

/** A webhook endpoint that notes what it gets and answers with the status that `answer` names. */
export async function startWebhook(
  answer: (received: Received) => number | Promise<number> = () => 200,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const got = { update: JSON.parse(Buffer.concat(chunks).toString()) as TelegramUpdate, headers: request.headers };
    received.push(got);
    response.writeHead(await answer(got)).end();
  };
  const server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

/** The smallest PNG: one pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

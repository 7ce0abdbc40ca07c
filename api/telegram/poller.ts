import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseLogger } from 'pino';
import type { TelegramBot, TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { runAsLeader } from '../../db/runAsLeader.ts';
import type { TelegramIntake } from './intake.ts';
import { pollBot } from './pollBot.ts';

export interface PollerOptions {
  databaseUrl: string;
  /** Tenants that have a Telegram channel. */
  listTenants(): Promise<string[]>;
  telegram: TelegramDirectory;
  intake: TelegramIntake;
  logger: Pick<BaseLogger, 'warn' | 'error'>;
  /** How often new and removed bots are looked for, in milliseconds. */
  refreshMs?: number;
}

export interface TelegramPoller {
  /** Resolves within two seconds; an update under way is finished or comes again. */
  stop(): Promise<void>;
}

/** Any number that no other work locks in this database. */
const POLLER_LOCK = 7_270_539_002;

const REFRESH_MS = 10_000;

/** Until there is a bot at all: at a first start the worker connects it after the API has begun to look. */
const SEARCH_MS = 500;
const STOP_WITHIN_MS = 1_500;

interface RunningBot {
  tenantId: string;
  bot: TelegramBot;
  stop: AbortController;
  ended: Promise<void>;
}

/**
 * Reads the updates of every bot by long polling, for installations without a public address. Any number of processes may
 * run it: one of them polls, as Telegram allows one reader a bot; another takes over when it is gone.
 */
export function startTelegramPoller(options: PollerOptions): TelegramPoller {
  const stopping = new AbortController();
  const { databaseUrl } = options;
  const leading = runAsLeader({ databaseUrl, lockKey: POLLER_LOCK, signal: stopping.signal }, (signal) =>
    pollEveryBot(options, signal),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.race([leading, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

async function pollEveryBot(options: PollerOptions, signal: AbortSignal): Promise<void> {
  const { intake, logger, refreshMs = REFRESH_MS } = options;
  const running = new Map<string, RunningBot>();

  function start(tenantId: string, bot: TelegramBot): RunningBot {
    const stop = new AbortController();
    const handle = (update: unknown) => intake(tenantId, update);
    const ended = pollBot({ bot, handle, logger, signal: AbortSignal.any([signal, stop.signal]) });
    return { tenantId, bot, stop, ended };
  }

  while (!signal.aborted) {
    const { bots, unread } = await listBots(options).catch(() => ({ bots: undefined, unread: undefined }));
    if (!bots) logger.warn('bots could not be listed; those that are known are polled on');
    for (const tenantId of unread ?? []) logger.warn({ tenant_id: tenantId }, 'the bots of a tenant could not be read');
    for (const [botId, { tenantId, bot, stop }] of bots ? running : []) {
      // Gone, or with a new token.
      if (unread?.has(tenantId) || bots?.get(botId)?.bot.client === bot.client) continue;
      stop.abort();
      running.delete(botId);
    }
    for (const [botId, { tenantId, bot }] of bots ?? []) {
      if (!running.has(botId)) running.set(botId, start(tenantId, bot));
    }
    const pauseMs = running.size > 0 ? refreshMs : Math.min(SEARCH_MS, refreshMs);
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
  await Promise.all([...running.values()].map(({ ended }) => ended));
}

/** By token's bot id; a bot that two tenants typed in belongs to the first. `unread`: tenants whose bots are not known now. */
async function listBots({ listTenants, telegram }: PollerOptions) {
  const bots = new Map<string, { tenantId: string; bot: TelegramBot }>();
  const unread = new Set<string>();
  for (const tenantId of await listTenants()) {
    const connections = await telegram.connectionsOf(tenantId).catch(() => undefined);
    if (!connections) unread.add(tenantId);
    for (const bot of connections?.flatMap((connection) => connection.bots) ?? []) {
      if (!bots.has(bot.botId)) bots.set(bot.botId, { tenantId, bot });
    }
  }
  return { bots, unread };
}

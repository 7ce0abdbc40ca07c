import path from 'node:path';
import { environment } from '../../config/env.ts';
import { freePort } from '../servers/freePort.ts';
import { startPostgres } from '../servers/startPostgres.ts';
import { startRedis } from '../servers/startRedis.ts';
import { startTemporal } from '../servers/startTemporal.ts';
import { startTelegramEmulator } from '../telegram/startTelegramEmulator.ts';
import type { LauncherContext } from './closers.ts';
import { step } from './progress.ts';
import type { LocalSecrets } from './secrets.ts';

const TEMPORAL_UI_PORT = 8233;
const EMULATOR_PORT = 4020;
const EMULATED_GROUP = -1_007_000_000_000;

export interface BackingServers {
  databaseUrl: string;
  /** For migrations alone. */
  databaseOwnerUrl: string;
  temporalUiUrl: string | undefined;
  /** What the terminal says under "Telegram". */
  telegramHint: string;
  /** The environment of the API and the worker. */
  variables: Record<string, string>;
}

/** Postgres, Redis, Temporal and Telegram: those that the environment names, and our own for the others. */
export async function startBackingServers(
  context: LauncherContext,
  { secrets, codecEndpoint }: { secrets: LocalSecrets; codecEndpoint: string },
): Promise<BackingServers> {
  const database = await postgres(context);
  const redisUrl = await redis(context);
  const temporal = await temporalServer(context, codecEndpoint);
  const telegram = await telegramSide(context, secrets);
  const { MASTER_KEY, CONVERSATION_JWT_SECRET, SERVICE_TOKEN } = environment();
  return {
    databaseUrl: database.url,
    databaseOwnerUrl: database.ownerUrl,
    temporalUiUrl: temporal.uiUrl,
    telegramHint: telegram.hint,
    variables: {
      DATABASE_URL: database.url,
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
      TEMPORAL_ADDRESS: temporal.address,
      MASTER_KEY: MASTER_KEY || secrets.masterKey,
      CONVERSATION_JWT_SECRET: CONVERSATION_JWT_SECRET || secrets.jwtSecret,
      SERVICE_TOKEN: SERVICE_TOKEN || secrets.serviceToken,
      ...telegram.variables,
    },
  };
}

async function postgres({ folder, closers }: LauncherContext): Promise<{ url: string; ownerUrl: string }> {
  const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } = environment();
  if (url) {
    console.log('  ✓ Postgres: DATABASE_URL');
    return { url, ownerUrl: ownerUrl ?? url };
  }
  return step('Postgres (embedded)', async () => {
    const server = await startPostgres({ dataDir: path.join(folder, 'postgres') });
    closers.add('Postgres', () => server.stop());
    return { url: server.appUrl, ownerUrl: server.ownerUrl };
  });
}

async function redis({ folder, closers }: LauncherContext): Promise<string | undefined> {
  if (environment()['REDIS_URL']) {
    console.log('  ✓ Redis: REDIS_URL');
    return environment()['REDIS_URL'];
  }
  const server = await startRedis({ dir: path.join(folder, 'redis') });
  if (server) {
    closers.add('Redis', () => server.stop());
    console.log('  ✓ Redis (redis-server on PATH)');
  } else {
    console.log('  ✓ No redis-server on PATH: fan-out and limits stay within this process');
  }
  return server?.url;
}

async function temporalServer(
  { folder, closers }: LauncherContext,
  codecEndpoint: string,
): Promise<{ address: string; uiUrl?: string }> {
  const { TEMPORAL_ADDRESS: address } = environment();
  if (address) {
    console.log('  ✓ Temporal: TEMPORAL_ADDRESS');
    return { address };
  }
  return step('Temporal', async (say) => {
    const server = await startTemporal({
      dbFile: path.join(folder, 'temporal', 'temporal.db'),
      logFile: path.join(folder, 'temporal', 'temporal.log'),
      uiPort: await freePort(TEMPORAL_UI_PORT),
      codecEndpoint,
      onProgress: say,
    });
    closers.add('Temporal', () => server.stop());
    say(`taken from: ${server.source}`);
    return server;
  });
}

async function telegramSide(
  { folder, closers }: LauncherContext,
  secrets: LocalSecrets,
): Promise<{ hint: string; variables: Record<string, string> }> {
  const { BOT_TOKEN, SUPPORT_GROUP_ID } = environment();
  if (BOT_TOKEN && SUPPORT_GROUP_ID) {
    return { hint: `your group ${SUPPORT_GROUP_ID}, by polling`, variables: { TELEGRAM_MODE: 'polling' } };
  }
  const emulator = await step('Telegram emulator', async () =>
    startTelegramEmulator({
      port: await freePort(EMULATOR_PORT),
      statePath: path.join(folder, 'telegram'),
      seed: { botToken: secrets.botToken, groupId: EMULATED_GROUP, groupTitle: 'Demo shop support' },
    }),
  );
  closers.add('Telegram emulator', () => emulator.stop());
  return {
    hint: `${emulator.url}   (you as the agent; an emulator, because BOT_TOKEN and SUPPORT_GROUP_ID are not set)`,
    variables: {
      BOT_TOKEN: secrets.botToken,
      SUPPORT_GROUP_ID: String(EMULATED_GROUP),
      TELEGRAM_API_ROOT: emulator.url,
      TELEGRAM_MODE: 'polling',
    },
  };
}

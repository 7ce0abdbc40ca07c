import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../db/migrate.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { loadDemoFlow } from '../../dev/demo/loadDemoFlow.ts';
import { loadKnowledge } from '../../dev/demo/loadKnowledge.ts';
import { MANY_FROM_ONE_ADDRESS } from '../../dev/servers/manyFromOneAddress.ts';
import { startPostgres } from '../../dev/servers/startPostgres.ts';
import { startRedis } from '../../dev/servers/startRedis.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { ensureSystemPackage } from '../../dev/servers/systemPackage.ts';
import { startTelegramEmulator, type TelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';
import { buildWidget } from '../../widget/build.ts';
import { CHECKOUT, Program } from './program.ts';

const BOT_TOKEN = '5000000007:the-bot-of-a-whole-system-in-tests';
const GROUP_ID = -1_009_000_000_007;

export interface SystemOptions {
  /** Where the demo page will be. */
  origin: string;
  /** Temporal's UI, and where it has payloads decoded. */
  ui?: { port: number; codecEndpoint: string };
}

/** All that API and worker processes need: servers, the demo site, and an emulated Telegram without limits. */
export interface System {
  /** The environment of an API or a worker process. */
  variables: Record<string, string>;
  telegram: TelegramEmulator;
  stop(): Promise<void>;
}

/** Starts servers of its own: a worker takes every task of its Temporal, and connects Telegram for the default tenant. */
export async function startSystem({ origin, ui }: SystemOptions): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-system-'));
  const [postgres, redis, temporal, telegram] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), fast: true }),
    ensureSystemPackage('redis-server').then(() => startRedis({ dir: join(folder, 'redis') })),
    startTemporal({ logFile: join(folder, 'temporal.log'), uiPort: ui?.port, codecEndpoint: ui?.codecEndpoint }),
    startTelegramEmulator({ limits: 'off', seed: { botToken: BOT_TOKEN, groupId: GROUP_ID } }),
    buildWidget({ outDir: join(CHECKOUT, 'dist'), minify: true }),
  ]);
  if (!redis) throw new Error('redis-server could not be started');
  await migrate(postgres.ownerUrl);
  await seedDefaults(postgres.appUrl, {
    siteKey: 'demo',
    allowedOrigins: [origin],
    flowDefinition: await loadDemoFlow(),
    documents: await loadKnowledge(),
  });
  return {
    telegram,
    variables: {
      DATABASE_URL: postgres.appUrl,
      REDIS_URL: redis.url,
      TEMPORAL_ADDRESS: temporal.address,
      CONVERSATION_JWT_SECRET: randomBytes(32).toString('hex'),
      MASTER_KEY: randomBytes(32).toString('base64'),
      SERVICE_TOKEN: randomBytes(32).toString('hex'),
      FILES_FOLDER: join(folder, 'files'),
      LIMITS: MANY_FROM_ONE_ADDRESS,
      BOT_TOKEN,
      SUPPORT_GROUP_ID: String(GROUP_ID),
      TELEGRAM_API_ROOT: telegram.url,
    },
    async stop() {
      await Promise.all([postgres.stop(), redis.stop(), temporal.stop(), telegram.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `npm run api` at the port, once it is ready to serve. */
export async function startApiProcess({ variables }: System, port: number): Promise<Program> {
  const api = Program.npm('api', { ...variables, PORT: String(port) });
  await api.says(/Server listening/);
  return api;
}

/** `npm run worker`, once it takes tasks. */
export async function startWorkerProcess({ variables }: System): Promise<Program> {
  const worker = Program.npm('worker', variables);
  await worker.says(/the worker polls/);
  return worker;
}

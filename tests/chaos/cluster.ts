import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { migrate } from '../../db/migrate.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import { MANY_FROM_ONE_ADDRESS } from '../../dev/servers/manyFromOneAddress.ts';
import { startPostgres } from '../../dev/servers/startPostgres.ts';
import { startRedis } from '../../dev/servers/startRedis.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { ensureSystemPackage } from '../../dev/servers/systemPackage.ts';
import { connectBots } from './connectBots.ts';
import type { KillKind } from './plan.ts';
import { startApiProgram, startEmulatorProgram, startWorkerProgram } from './programs.ts';
import { DOCUMENTS, FLOW, SITE_KEY } from './scenario.ts';

/** Five bots have a budget of 100 writes a minute together, so that a run ends soon after its last message. */
const BOT_TOKENS = [1, 2, 3, 4, 5].map((number) => `710000000${number}:chaos-bot-token-number-${number}`);

/** Conversations of a run are short; continue-as-new has to happen within them all the same. */
const TEMPORAL_CONFIG = { 'limit.historyCount.suggestContinueAsNew': 150 };

interface Killable {
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** One process, or the next of its kind over the same port and data. */
interface Member {
  process: Killable;
  restart(): Promise<Killable>;
}

/** Everything that Parley runs on, each part a process of its own that can be killed and started again. */
export interface Cluster {
  databaseUrl: string;
  masterKey: string;
  apiUrls: readonly string[];
  emulatorUrl: string;
  kill(kind: KillKind, instance: number): Promise<void>;
  /** Resolves once the new process serves. */
  restart(kind: KillKind, instance: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all of it in `folder`; Postgres keeps its durable settings. */
export async function startCluster(folder: string): Promise<Cluster> {
  const members = new Map<string, Member>();

  async function add<T extends Killable>(kind: KillKind, instance: number, start: () => Promise<T>): Promise<T> {
    const process = await start();
    members.set(`${kind}-${instance}`, { process, restart: start });
    return process;
  }
  function member(kind: KillKind, instance: number): Member {
    const found = members.get(`${kind}-${instance}`);
    if (!found) throw new Error(`There is no ${kind} ${instance}`);
    return found;
  }

  try {
    const [postgres, redis, temporal, emulatorUrl] = await Promise.all([
      addPostgres(add, folder),
      addRedis(add, folder),
      addTemporal(add, folder),
      addEmulator(add, folder),
    ]);
    await migrate(postgres.ownerUrl);
    await seedDefaults(postgres.appUrl, {
      siteKey: SITE_KEY,
      allowedOrigins: [],
      flowDefinition: FLOW,
      documents: DOCUMENTS,
    });
    const masterKey = randomBytes(32).toString('base64');
    await connectBots(postgres.appUrl, masterKey, BOT_TOKENS);
    const env = {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_URL: postgres.appUrl,
      REDIS_URL: redis.url,
      TEMPORAL_ADDRESS: temporal.address,
      CONVERSATION_JWT_SECRET: randomBytes(32).toString('hex'),
      LIMITS: MANY_FROM_ONE_ADDRESS,
      MASTER_KEY: masterKey,
      TELEGRAM_API_ROOT: emulatorUrl,
      TELEGRAM_MODE: 'polling',
    };
    const apiUrls = await addPrograms(add, folder, env);
    return {
      databaseUrl: postgres.appUrl,
      masterKey,
      apiUrls,
      emulatorUrl,
      kill: (kind, instance) => member(kind, instance).process.kill(),
      async restart(kind, instance) {
        const found = member(kind, instance);
        found.process = await found.restart();
      },
      stop: () => stopAll(members),
    };
  } catch (error) {
    await stopAll(members);
    throw error;
  }
}

type Add = <T extends Killable>(kind: KillKind, instance: number, start: () => Promise<T>) => Promise<T>;

async function addPostgres(add: Add, folder: string) {
  const port = await freePort();
  return add('postgres', 0, () => startPostgres({ dataDir: path.join(folder, 'postgres'), port }));
}

async function addRedis(add: Add, folder: string) {
  await ensureSystemPackage('redis-server');
  const port = await freePort();
  return add('redis', 0, async () => {
    const redis = await startRedis({ dir: path.join(folder, 'redis'), port });
    if (!redis) throw new Error('redis-server could not be started');
    return redis;
  });
}

async function addTemporal(add: Add, folder: string) {
  const port = await freePort();
  const files = { dbFile: path.join(folder, 'temporal.db'), logFile: path.join(folder, 'temporal.log') };
  return add('temporal', 0, () => startTemporal({ ...files, port, dynamicConfig: TEMPORAL_CONFIG }));
}

async function addEmulator(add: Add, folder: string): Promise<string> {
  const port = await freePort();
  await add('emulator', 0, () => startEmulatorProgram(folder, BOT_TOKENS, port));
  return `http://127.0.0.1:${port}`;
}

async function addPrograms(add: Add, folder: string, env: Record<string, string>): Promise<string[]> {
  const ports = [await freePort(), await freePort()];
  await Promise.all([
    ...ports.map((port, instance) => add('api', instance, () => startApiProgram(folder, instance, env, port))),
    ...ports.map((_, instance) => add('worker', instance, () => startWorkerProgram(folder, instance, env))),
  ]);
  return ports.map((port) => `http://127.0.0.1:${port}`);
}

/** What uses others ends first. */
async function stopAll(members: ReadonlyMap<string, Member>): Promise<void> {
  const programs = [...members].filter(([name]) => /^(api|worker)/.test(name));
  await Promise.all(programs.map(([, { process }]) => process.kill()));
  await Promise.all([...members.values()].map(({ process }) => process.stop()));
}

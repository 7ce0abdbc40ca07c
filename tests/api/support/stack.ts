import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { createLifecycleActivities } from '../../../activities/lifecycle.ts';
import { createRecordActivities } from '../../../activities/recordTurn.ts';
import { createLogger } from '../../../api/logger.ts';
import { type RunningApi, startApi } from '../../../api/startApi.ts';
import { createRedisHub } from '../../../channels/web/redisHub.ts';
import { type Env, readEnv } from '../../../config/env.ts';
import { flowDefinitionSchema } from '../../../contracts/flow.ts';
import { createDb, type Db } from '../../../db/createDb.ts';
import { getTenantKeys } from '../../../db/queries/getTenantKeys.ts';
import { insertTenantKey } from '../../../db/queries/insertTenantKey.ts';
import { seedDefaults } from '../../../db/seedDefaults.ts';
import { startTemporal, type TemporalServer } from '../../../dev/servers/startTemporal.ts';
import { createPayloadCodec } from '../../../temporal/payloadCodec.ts';
import { createTenantKeys } from '../../../temporal/tenantKeys.ts';
import { createWorkers } from '../../../worker/createWorkers.ts';

export const ORIGIN = 'https://shop.example';
export const SERVICE_TOKEN = 'a-service-token-of-this-test-alone';

/** Greets, and is silent from then on: an agent's topic would be where the conversation goes on. */
const FLOW = flowDefinitionSchema.parse({
  language: 1,
  name: 'Greeting',
  triggers: [{ on: 'first_message', start: 'hello' }],
  steps: { hello: { type: 'message', text: 'Hello!' } },
});

export interface Servers {
  databaseUrl: string;
  redisUrl: string;
}

/** What a test of the API runs against: real servers, one site, any number of API instances and workers. */
export interface Stack {
  env: Env;
  db: Db;
  temporal: TemporalServer;
  site: { siteKey: string; origin: string };
  startApi(overrides?: Record<string, string>): Promise<RunningApi>;
  /** Starts a worker in this process; the returned function stops it. */
  startWorker(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/**
 * Temporal is the stack's own, as every worker takes tasks from the same queue; Postgres and Redis are those of the run
 * unless a test brings some that it may kill.
 */
export async function startStack(servers: Partial<Servers> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-api-'));
  const temporal = await startTemporal({ logFile: join(folder, 'temporal.log'), dbFile: join(folder, 'temporal.db') });
  const env = environment(temporal, servers);
  const db = createDb(env.DATABASE_URL, { poolSize: 5 });
  const siteKey = `shop-${uuidv7()}`;
  await seedDefaults(env.DATABASE_URL, {
    siteKey,
    allowedOrigins: [ORIGIN],
    flowDefinition: FLOW,
    documents: [],
    settings: { aiEnabled: false },
  });
  const closers: (() => Promise<void>)[] = [];
  const logger = createLogger('silent');

  return {
    env,
    db,
    temporal,
    site: { siteKey, origin: ORIGIN },
    async startApi(overrides = {}) {
      const api = await startApi({ env: { ...env, ...overrides }, logger });
      closers.push(() => api.close());
      return api;
    },
    async startWorker() {
      const stop = await startWorker(env, db);
      closers.push(stop);
      return stop;
    },
    async stop() {
      for (const close of closers.reverse()) await close();
      await db.close();
      await temporal.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function environment(temporal: TemporalServer, servers: Partial<Servers>): Env {
  const shared = inject('servers');
  return readEnv({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    DATABASE_URL: servers.databaseUrl ?? shared.appUrl,
    REDIS_URL: servers.redisUrl ?? shared.redisUrl,
    REDIS_PREFIX: `test-${uuidv7()}`,
    TEMPORAL_ADDRESS: temporal.address,
    CONVERSATION_JWT_SECRET: randomBytes(32).toString('hex'),
    // The same for every test: they share the default tenant's data key.
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    SERVICE_TOKEN,
    TELEGRAM_MODE: 'webhook',
    METRICS: 'false',
  });
}

async function startWorker(env: Env, db: Db): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
  const hub = createRedisHub({ url: env.REDIS_URL ?? '', prefix: env.REDIS_PREFIX });
  const keys = createTenantKeys(
    { list: (tenantId) => getTenantKeys(db, tenantId), insert: (tenantId, key) => insertTenantKey(db, tenantId, key) },
    Buffer.from(env.MASTER_KEY, 'base64'),
  );
  const workers = await createWorkers({
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    codec: createPayloadCodec(keys),
    activities: {
      ...createRecordActivities({ db, hub }),
      ...createLifecycleActivities({ db, hub, topics: { deleteTopic: async () => {} } }),
      deliverToTopic: async () => ({ kind: 'no_channel' }),
    },
    ai: { answerWithAi: async () => ({ kind: 'unknown' }) },
    cacheSize: 100,
    localActivities: 20,
  });
  const runs = workers.map((worker) => worker.run());
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= stopWorkers(workers, runs)
      .then(() => Promise.all([hub.close(), connection.close()]))
      .then(() => {});
    return stopping;
  };
}

async function stopWorkers(workers: Worker[], runs: Promise<void>[]): Promise<void> {
  for (const worker of workers) worker.shutdown();
  await Promise.all(runs);
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import type { AnswerProvider } from '../../../activities/ai/answerProvider.ts';
import { createAiActivities } from '../../../activities/ai/createAiActivities.ts';
import { createLifecycleActivities } from '../../../activities/lifecycle.ts';
import { createRecordActivities } from '../../../activities/recordTurn.ts';
import { createWebhookActivities } from '../../../activities/webhooks/createWebhookActivities.ts';
import { type RunningApi, startApi } from '../../../api/startApi.ts';
import { createRedisHub } from '../../../channels/web/redisHub.ts';
import { createWebhookSender } from '../../../channels/webhook/sendWebhook.ts';
import { type Env, readEnv, webhookHosts } from '../../../config/env.ts';
import { flowDefinitionSchema } from '../../../contracts/flow.ts';
import { createDb, type Db } from '../../../db/createDb.ts';
import { changeLedgerRow } from '../../../db/queries/ledger/changeLedgerRow.ts';
import { seedDefaults } from '../../../db/seedDefaults.ts';
import { MANY_FROM_ONE_ADDRESS } from '../../../dev/servers/manyFromOneAddress.ts';
import { startTemporal, type TemporalServer } from '../../../dev/servers/startTemporal.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { openKeys } from '../../../runtime/openKeys.ts';
import { openStorage } from '../../../runtime/openStorage.ts';
import { createEngineClient } from '../../../temporal/connect.ts';
import { createWebhookWaker, wakeWebhook } from '../../../temporal/webhookWaker.ts';
import { createWorkers } from '../../../worker/createWorkers.ts';
import { TEST_MASTER_KEY } from '../../db/fixtures/wordsOf.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

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
  /** What a restart of Temporal needs to find its state again. */
  temporalFiles: { logFile: string; dbFile: string };
  site: { siteKey: string; origin: string };
  startApi(overrides?: Partial<Env>): Promise<RunningApi>;
  /** Starts a worker in this process, which has no answers but the provider's; the returned function stops it. */
  startWorker(overrides?: Partial<Env>, provider?: AnswerProvider): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/**
 * Temporal is the stack's own, as every worker takes tasks from the same queue; Postgres and Redis are those of the run
 * unless a test brings some that it may kill.
 */
export async function startStack(servers: Partial<Servers> = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-api-'));
  const temporalFiles = { logFile: join(folder, 'temporal.log'), dbFile: join(folder, 'temporal.db') };
  const temporal = await startTemporal(temporalFiles);
  const env = environment(temporal, servers, join(folder, 'files'));
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

  const stack: Stack = {
    env,
    db,
    temporal,
    temporalFiles,
    site: { siteKey, origin: ORIGIN },
    async startApi(overrides = {}) {
      const api = await startApi({ env: { ...env, ...overrides }, logger });
      const close = once(() => api.close());
      closers.push(close);
      return { url: api.url, close };
    },
    async startWorker(overrides = {}, provider) {
      const stop = await startWorker({ ...env, ...overrides }, db, provider);
      closers.push(stop);
      return stop;
    },
    async stop() {
      for (const close of closers.reverse()) await close();
      await db.close();
      await stack.temporal.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stack;
}

function environment(temporal: TemporalServer, servers: Partial<Servers>, filesFolder: string): Env {
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
    MASTER_KEY: TEST_MASTER_KEY,
    SERVICE_TOKEN,
    LIMITS: MANY_FROM_ONE_ADDRESS,
    TELEGRAM_MODE: 'webhook',
    // Nobody listens there: a test that needs Telegram names its emulator.
    TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
    FILES_FOLDER: filesFolder,
    METRICS: 'false',
  });
}

async function startWorker(env: Env, db: Db, provider?: AnswerProvider): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
  const hub = createRedisHub({ url: env.REDIS_URL ?? '', prefix: env.REDIS_PREFIX });
  const { codec, secrets, words } = openKeys(env, db);
  const client = createEngineClient({ address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE }, codec);
  const workers = await createWorkers({
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    codec,
    activities: {
      ...createRecordActivities({ db, words, hub, wakeWebhook: createWebhookWaker(client) }),
      ...createLifecycleActivities({ db, hub, topics: { deleteTopic: async () => 'none' }, storage: openStorage(env) }),
      deliverToTopic: async () => ({ kind: 'no_channel' }),
      changeLedger: ({ change, ...ref }) => changeLedgerRow(db, ref, change),
    },
    ai: provider
      ? createAiActivities({ db, words, hub, provider })
      : { answerWithAi: async () => ({ kind: 'unknown' }) },
    webhooks: createWebhookActivities({
      db,
      words,
      open: (tenantId, sealed) => secrets.open(tenantId, sealed),
      send: createWebhookSender({ allowedHosts: webhookHosts(env), answerWithinMs: 1_000 }),
      wake: (ref) => wakeWebhook(client, ref),
    }),
    cacheSize: 100,
    localActivities: 20,
  });
  const runs = workers.map((worker) => worker.run());
  return once(async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await Promise.all([hub.close(), connection.close(), client.connection.close()]);
  });
}

/** A test may close what the stack would close at its end. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}

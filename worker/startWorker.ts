import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type Worker } from '@temporalio/worker';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createAiActivities } from '../activities/ai/createAiActivities.ts';
import { createAnswerProvider } from '../activities/ai/createAnswerProvider.ts';
import { createDeliveryActivities } from '../activities/delivery/createDeliveryActivities.ts';
import { createTopicPort } from '../activities/delivery/createTopicPort.ts';
import { ensureDefaultTelegram } from '../activities/delivery/ensureDefaultTelegram.ts';
import { createErasureActivities } from '../activities/erasure/createErasureActivities.ts';
import { createLifecycleActivities } from '../activities/lifecycle.ts';
import { createRecordActivities } from '../activities/recordTurn.ts';
import { createRetentionActivities } from '../activities/retention/createRetentionActivities.ts';
import { createTelegramDirectory } from '../channels/telegram/createTelegramDirectory.ts';
import { createMemorySlots } from '../channels/telegram/slots/createMemorySlots.ts';
import { createRedisSlots } from '../channels/telegram/slots/createRedisSlots.ts';
import type { TelegramSlots } from '../channels/telegram/slots/slots.ts';
import type { Hub } from '../channels/web/hub.ts';
import { type Env, settingsEnvironment } from '../config/env.ts';
import { createDb, type Db } from '../db/createDb.ts';
import { listTelegramConnections } from '../db/queries/listTelegramConnections.ts';
import type { SecretBox } from '../encryption/secretBox.ts';
import { openHub } from '../runtime/openHub.ts';
import { openKeys } from '../runtime/openKeys.ts';
import { openRedis } from '../runtime/openRedis.ts';
import { createEngineClient } from '../temporal/connect.ts';
import { createConversationRuns } from '../temporal/conversationRuns.ts';
import { ensureSchedules } from '../temporal/ensureSchedules.ts';
import { ensureSearchAttributes } from '../temporal/ensureSearchAttributes.ts';
import { createWorkers } from './createWorkers.ts';

const RETRY_MS = 1_000;

export interface StartWorkerOptions {
  env: Env;
  logger: Logger;
  /** The API's hub where both are one process; by default Redis. */
  hub?: Hub;
}

export interface RunningWorker {
  /** Rejects when a worker failed for good. */
  readonly finished: Promise<void>;
  /** Finishes what is under way and closes every connection. */
  close(): Promise<void>;
}

/** Starts the workers of one process. Waits for Temporal and for the first contact with Postgres, as long as it takes. */
export async function startWorker({ env, logger, hub: given }: StartWorkerOptions): Promise<RunningWorker> {
  const db = createDb(env.DATABASE_URL, { poolSize: env.DATABASE_POOL_SIZE });
  const { codec, secrets, words } = openKeys(env, db);
  const hub = given ?? openHub(env, logger);
  const redis = openRedis(env);

  const client = createEngineClient({ address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE }, codec);
  const registered = await eventually(logger, 'Temporal', () => ensureSearchAttributes(client));
  if (!registered) logger.warn('this Temporal lets administrators alone register the search attributes; have they?');
  const connection = await eventually(logger, 'Temporal', () =>
    NativeConnection.connect({ address: env.TEMPORAL_ADDRESS }),
  );
  await eventually(logger, 'Temporal', () => ensureSchedules(client));
  await eventually(logger, 'the database', () => connectTelegram(env, db, secrets));

  const telegram = createTelegramDirectory({
    listConnections: (tenantId) => listTelegramConnections(db, tenantId, settingsEnvironment(env)),
    open: (tenantId, sealed) => secrets.open(tenantId, sealed),
    apiRoot: env.TELEGRAM_API_ROOT,
  });
  const slots = createSlots(env, redis, logger);
  const topics = createTopicPort({ db, telegram, slots });
  const runs = createConversationRuns(client);
  const workers = await createWorkers({
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    codec,
    activities: {
      ...createRecordActivities({ db, words, hub, logger }),
      ...createDeliveryActivities({ db, words, slots, telegram, logger }),
      ...createLifecycleActivities({ db, hub, topics, logger }),
    },
    ai: createAiActivities({
      db,
      words,
      hub,
      provider: createAnswerProvider({ baseUrl: env.AI_BASE_URL, model: env.AI_MODEL, apiKey: env.AI_API_KEY }),
      logger,
    }),
    upkeep: {
      ...createErasureActivities({ db, topics, runs, logger }),
      ...createRetentionActivities({ db, runs, environment: settingsEnvironment(env), logger }),
    },
    cacheSize: env.WORKER_CACHE_SIZE,
    localActivities: 2 * env.DATABASE_POOL_SIZE,
  });
  const finished = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  logger.info({ namespace: env.TEMPORAL_NAMESPACE }, 'the worker polls');

  return {
    finished,
    async close() {
      for (const worker of workers) shutDown(worker);
      await finished.catch(() => undefined);
      redis?.disconnect();
      if (hub !== given) await hub.close();
      await Promise.all([client.connection.close(), connection.close(), db.close()]);
    },
  };
}

function shutDown(worker: Worker): void {
  if (worker.getState() === 'RUNNING') worker.shutdown();
}

/** Tries until it works: a process may be up before what it needs. */
async function eventually<T>(logger: Logger, what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (err) {
      if (tries === 1) logger.warn({ err }, `waiting for ${what}`);
      await sleep(RETRY_MS);
    }
  }
}

async function connectTelegram(env: Env, db: Db, secrets: SecretBox): Promise<void> {
  if (!env.BOT_TOKEN || !env.SUPPORT_GROUP_ID) return;
  await ensureDefaultTelegram(
    { db, seal: (tenantId, plaintext) => secrets.seal(tenantId, plaintext) },
    {
      botToken: env.BOT_TOKEN,
      groupId: env.SUPPORT_GROUP_ID,
      webhookSecret: env.WEBHOOK_SECRET,
      headerSecret: env.TELEGRAM_HEADER_SECRET,
    },
  );
}

function createSlots(env: Env, redis: Redis | undefined, logger: Logger): TelegramSlots {
  if (!redis) return createMemorySlots();
  const onInsurance = (reason: string) => logger.warn({ reason }, 'flood control counts in this process alone');
  return createRedisSlots({ redis, prefix: env.REDIS_PREFIX, onInsurance });
}

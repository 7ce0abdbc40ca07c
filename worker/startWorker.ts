import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type Worker } from '@temporalio/worker';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createAiActivities } from '../activities/ai/createAiActivities.ts';
import { createAnswerProvider } from '../activities/ai/createAnswerProvider.ts';
import { createDeliveryActivities } from '../activities/delivery/createDeliveryActivities.ts';
import { createTopicPort } from '../activities/delivery/createTopicPort.ts';
import { createErasureActivities } from '../activities/erasure/createErasureActivities.ts';
import { createFileActivities } from '../activities/files/createFileActivities.ts';
import { createLifecycleActivities } from '../activities/lifecycle.ts';
import { createNoticeActivities } from '../activities/notices/createNoticeActivities.ts';
import { createRecordActivities } from '../activities/recordTurn.ts';
import { createRetentionActivities } from '../activities/retention/createRetentionActivities.ts';
import { createWebhookActivities } from '../activities/webhooks/createWebhookActivities.ts';
import { createTelegramDirectory } from '../channels/telegram/createTelegramDirectory.ts';
import { createMemorySlots } from '../channels/telegram/slots/createMemorySlots.ts';
import { createRedisSlots } from '../channels/telegram/slots/createRedisSlots.ts';
import type { TelegramSlots } from '../channels/telegram/slots/slots.ts';
import type { Hub } from '../channels/web/hub.ts';
import { createWebhookSender } from '../channels/webhook/sendWebhook.ts';
import { type Env, settingsEnvironment, webhookHosts } from '../config/env.ts';
import type { WebhookRef } from '../contracts/webhookDelivery.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';
import { createDb } from '../db/createDb.ts';
import { listTelegramConnections } from '../db/queries/listTelegramConnections.ts';
import { createDeliveryRetry } from '../runtime/createDeliveryRetry.ts';
import { openMailer } from '../runtime/mail/openMailer.ts';
import { openHub } from '../runtime/openHub.ts';
import { openKeys } from '../runtime/openKeys.ts';
import { openRedis } from '../runtime/openRedis.ts';
import { openStorage } from '../runtime/openStorage.ts';
import { createEngineClient } from '../temporal/connect.ts';
import { createConversationRuns } from '../temporal/conversationRuns.ts';
import { ensureSchedules } from '../temporal/ensureSchedules.ts';
import { ensureSearchAttributes } from '../temporal/ensureSearchAttributes.ts';
import { signalRepaired } from '../temporal/signalRepaired.ts';
import { createWebhookWaker, wakeWebhook } from '../temporal/webhookWaker.ts';
import { connectDefaultTelegram } from './connectDefaultTelegram.ts';
import { createWorkers } from './createWorkers.ts';
import { noteBots } from './noteBots.ts';

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

/** For notes of what became of webhooks: many at once must not keep a turn from its connection. */
const WEBHOOK_CONNECTIONS = 5;

/** Starts the workers of one process. Waits for Temporal and for the first contact with Postgres, as long as it takes. */
export async function startWorker({ env, logger, hub: given }: StartWorkerOptions): Promise<RunningWorker> {
  const db = createDb(env.DATABASE_URL, { poolSize: env.DATABASE_POOL_SIZE });
  const webhookDb = createDb(env.DATABASE_URL, { poolSize: WEBHOOK_CONNECTIONS });
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
  const closing = new AbortController();
  const tell = (ref: ConversationRef) => signalRepaired(client, ref);
  const { retryAll, retryParked } = createDeliveryRetry({ db, tell, logger });
  const introduce = await eventually(logger, 'the database', () =>
    connectDefaultTelegram({ env, db, secrets, retryDeliveries: retryAll, logger }),
  );
  void introduce?.(closing.signal);
  void noteBots({ db, secrets, logger }, closing.signal);

  const telegram = createTelegramDirectory({
    listConnections: (tenantId) => listTelegramConnections(db, tenantId, settingsEnvironment(env)),
    open: (tenantId, sealed) => secrets.open(tenantId, sealed),
    apiRoot: env.TELEGRAM_API_ROOT,
  });
  const slots = createSlots(env, redis, logger);
  const topics = createTopicPort({ db, telegram, slots });
  const storage = openStorage(env);
  const runs = createConversationRuns(client);
  const reportMissed = ({ tenantId, endpointId }: WebhookRef) =>
    logger.warn({ tenant_id: tenantId, webhook_id: endpointId }, 'a webhook was not woken: the sweep will');
  const mailer = env.SMTP_URL || env.MAIL_FOLDER ? openMailer(env) : undefined;
  const workers = await createWorkers({
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    codec,
    activities: {
      ...createRecordActivities({ db, words, hub, wakeWebhook: createWebhookWaker(client, reportMissed), logger }),
      ...createDeliveryActivities({
        db,
        words,
        slots,
        storage,
        telegram,
        retryParked,
        consoleUrl: env.CONSOLE_URL,
        logger,
      }),
      ...createFileActivities({ db, words, storage, telegram }),
      ...createLifecycleActivities({ db, hub, topics, storage, logger }),
    },
    ai: createAiActivities({
      db,
      words,
      hub,
      provider: createAnswerProvider({ baseUrl: env.AI_BASE_URL, model: env.AI_MODEL, apiKey: env.AI_API_KEY }),
      logger,
    }),
    upkeep: {
      ...createErasureActivities({ db, topics, storage, runs, logger }),
      ...createRetentionActivities({ db, runs, storage, environment: settingsEnvironment(env), logger }),
    },
    notices: createNoticeActivities({
      db,
      slots,
      telegram,
      environment: settingsEnvironment(env),
      mailer,
      logger,
    }),
    webhooks: createWebhookActivities({
      db: webhookDb,
      words,
      open: (tenantId, sealed) => secrets.open(tenantId, sealed),
      send: createWebhookSender({ allowedHosts: webhookHosts(env) }),
      wake: (ref) => wakeWebhook(client, ref),
      mailer,
      logger,
    }),
    cacheSize: env.WORKER_CACHE_SIZE,
    localActivities: 2 * env.DATABASE_POOL_SIZE,
  });
  const finished = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  logger.info({ namespace: env.TEMPORAL_NAMESPACE }, 'the worker polls');

  return {
    finished,
    async close() {
      for (const worker of workers) shutDown(worker);
      closing.abort();
      await finished.catch(() => undefined);
      redis?.disconnect();
      if (hub !== given) await hub.close();
      await Promise.all([client.connection.close(), connection.close(), db.close(), webhookDb.close()]);
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

function createSlots(env: Env, redis: Redis | undefined, logger: Logger): TelegramSlots {
  if (!redis) return createMemorySlots();
  const onInsurance = (reason: string) => logger.warn({ reason }, 'flood control counts in this process alone');
  return createRedisSlots({ redis, prefix: env.REDIS_PREFIX, onInsurance });
}

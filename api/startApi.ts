import type { Logger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import { type Env, settingsEnvironment, telegramUpdates, webhookHosts } from '../config/env.ts';
import { createDb } from '../db/createDb.ts';
import { openMailer } from '../runtime/mail/openMailer.ts';
import { openHub } from '../runtime/openHub.ts';
import { openKeys } from '../runtime/openKeys.ts';
import { openRedis, whenReady } from '../runtime/openRedis.ts';
import { openStorage } from '../runtime/openStorage.ts';
import { createEngineClient } from '../temporal/connect.ts';
import { buildApp } from './app.ts';
import type { ApiSettings } from './context.ts';
import { observeLedger } from './ledgerMetrics.ts';
import { CounterStore } from './limits/counterStore.ts';
import { createLimits } from './limits/createLimits.ts';
import { createMetrics } from './metrics.ts';
import { createAccounts } from './people/accounts.ts';
import { assembleTelegram } from './telegram/assembleTelegram.ts';
import { createTemporalEngine } from './temporalEngine.ts';
import { observeWebhooks } from './webhookMetrics.ts';

/** Else an instance that has just started would count its first requests without the others. */
const REDIS_WITHIN_MS = 500;

export interface StartApiOptions {
  env: Env;
  logger: Logger;
  /** The worker's hub where both are one process; by default Redis, else no hub at all. */
  hub?: Hub;
  widgetFile?: string;
}

export interface RunningApi {
  /** E.g. `http://127.0.0.1:4012`. */
  url: string;
  /** Finishes what is under way, tells sockets to come back elsewhere, and closes every connection. */
  close(): Promise<void>;
}

/** Starts an API instance. Neither Postgres nor Redis nor Temporal need to be up: it says so in /ready and waits for them. */
export async function startApi({ env, logger, hub: given, widgetFile }: StartApiOptions): Promise<RunningApi> {
  const db = createDb(env.DATABASE_URL, { poolSize: env.DATABASE_POOL_SIZE });
  const { codec, secrets, words } = openKeys(env, db);
  const client = createEngineClient({ address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE }, codec);
  const engine = createTemporalEngine(client);
  const hub = given ?? openHub(env, logger);
  const redis = openRedis(env);
  const metrics = createMetrics({ processMetrics: env.METRICS });
  observeWebhooks(metrics.registry, db);
  observeLedger(metrics.registry, db);
  const limits = createLimits({
    redis,
    prefix: env.REDIS_PREFIX,
    instances: env.API_INSTANCES,
    overrides: env.LIMITS,
    refusals: metrics.rateLimited,
  });
  const telegram = assembleTelegram(env, { db, engine, limits, secrets, words, logger });
  const settings = settingsOf(env);
  const mailer = openMailer(env);
  let address = '';
  const people = createAccounts({
    db,
    secrets,
    mailer,
    logger,
    counters: new CounterStore({ redis, prefix: env.REDIS_PREFIX }),
    refusals: metrics.rateLimited,
    publicUrl: () => env.PUBLIC_URL ?? address,
    secureCookies: env.NODE_ENV === 'production' || env.PUBLIC_URL?.startsWith('https:') === true,
  });
  const deps = {
    db,
    words,
    hub,
    engine,
    codec,
    secrets,
    storage: openStorage(env),
    logger,
    settings,
    metrics,
    limits,
    people,
    mailer,
    redis,
    widgetFile,
    telegram: telegram.routes,
    telegramSetup: telegram.setup,
  };
  const app = await buildApp(deps);

  async function close(): Promise<void> {
    await app.close();
    telegram.setup.close();
    redis?.disconnect();
    if (hub !== given) await hub.close();
    await Promise.all([client.connection.close(), db.close()]);
  }

  try {
    if (redis) await whenReady(redis, REDIS_WITHIN_MS);
    const url = await app.listen({ host: env.HOST, port: env.PORT });
    address = url;
    const poller = telegramUpdates(env).mode === 'polling' ? telegram.poll() : undefined;
    const stop = async () => {
      await poller?.stop();
      await close();
    };
    return { url, close: stop };
  } catch (error) {
    // A taken port must end the process: what was opened would keep it alive.
    await close();
    throw error;
  }
}

function settingsOf(env: Env): ApiSettings {
  return {
    environment: settingsEnvironment(env),
    jwtSecret: env.CONVERSATION_JWT_SECRET,
    otherJwtSecrets: env.CONVERSATION_JWT_PREVIOUS_SECRETS,
    serviceToken: env.SERVICE_TOKEN,
    allowedOrigins: env.ALLOWED_ORIGINS,
    privateKeySets: env.NODE_ENV !== 'production',
    privateProviders: env.NODE_ENV !== 'production',
    webhookHosts: webhookHosts(env),
    trustedProxies: env.TRUSTED_PROXIES,
    redisPrefix: env.REDIS_PREFIX,
    metricsReaders: metricsReadersOf(env),
  };
}

/** On a developer's machine anyone may look at them. */
function metricsReadersOf({ METRICS_TOKEN, NODE_ENV }: Env): ApiSettings['metricsReaders'] {
  if (METRICS_TOKEN) return { token: METRICS_TOKEN };
  return NODE_ENV === 'production' ? 'nobody' : 'anyone';
}

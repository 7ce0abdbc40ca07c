import type { Logger } from 'pino';
import { createTelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { type Env, settingsEnvironment, telegramUpdates } from '../../config/env.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { moveGroup } from '../../db/queries/channels/moveGroup.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { findConversationByTopic } from '../../db/queries/findConversationByTopic.ts';
import { listTelegramConnections } from '../../db/queries/listTelegramConnections.ts';
import { listTelegramTenants } from '../../db/queries/listTelegramTenants.ts';
import { putNotice } from '../../db/queries/notices/putNotice.ts';
import { findMirrored } from '../../db/queries/outbox/findMirrored.ts';
import { getTenantSettings } from '../../db/queries/settings/getTenantSettings.ts';
import type { Words } from '../../db/words.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';
import { createDeliveryRetry } from '../../runtime/createDeliveryRetry.ts';
import { StaleCache } from '../edge/staleCache.ts';
import type { Engine } from '../engine.ts';
import type { Limits } from '../limits/createLimits.ts';
import { createTelegramSetup, type TelegramSetup } from './createTelegramSetup.ts';
import { createTelegramIntake } from './intake.ts';
import { startTelegramPoller, type TelegramPoller } from './poller.ts';
import { registerFile } from './registerFile.ts';
import type { TelegramRoutesOptions } from './routes.ts';

export interface TelegramParts {
  routes: TelegramRoutesOptions;
  setup: TelegramSetup;
  /** Starts reading updates by long polling. */
  poll(): TelegramPoller;
}

interface TelegramDeps {
  db: Db;
  engine: Engine;
  limits: Limits;
  secrets: SecretBox;
  words: Pick<Words, 'files'>;
  logger: Logger;
}

/** How agents' words come in: by webhook, or by polling where there is no public address. */
export function assembleTelegram(
  env: Pick<
    Env,
    'TELEGRAM_API_ROOT' | 'TELEGRAM_MODE' | 'PUBLIC_URL' | 'DATABASE_URL' | 'NODE_ENV' | 'PARLEY_ENVIRONMENT'
  >,
  { db, engine, limits, secrets, words, logger }: TelegramDeps,
): TelegramParts {
  const telegram = createTelegramDirectory({
    listConnections: (tenantId) => listTelegramConnections(db, tenantId, settingsEnvironment(env)),
    open: (tenantId, sealed) => secrets.open(tenantId, sealed),
    apiRoot: env.TELEGRAM_API_ROOT,
  });
  const settings = new StaleCache({
    freshMs: 2_000,
    patienceMs: 300,
    maxEntries: 1_000,
    load: (tenantId) => getTenantSettings(db, tenantId, settingsEnvironment(env)),
  });
  const { retryAll, retryParked } = createDeliveryRetry({ db, tell: (ref) => tellUnlessGone(engine, ref), logger });
  const listTenants = () => listTelegramTenants(db);
  const setup = createTelegramSetup({
    updates: telegramUpdates(env),
    apiRoot: env.TELEGRAM_API_ROOT,
    secrets,
    telegram,
    reload: ({ tenantId, id }) => getChannel(db, tenantId, id),
    retryDeliveries: retryAll,
    logger,
  });
  const intake = createTelegramIntake({
    findConversation: (tenantId, topic) => findConversationByTopic(db, tenantId, topic),
    retryParked,
    findMirrored: (ref, telegramMessageId) => findMirrored(db, ref, telegramMessageId),
    agentsSettings: async (tenantId) => (await settings.get(tenantId)).settings.agents,
    registerFile: (ref, key, file) => registerFile({ db, words }, ref, key, file),
    reportTrouble: (tenantId, { botId, trouble, at }) =>
      putNotice(db, tenantId, `trouble/${botId}/${at}`, { kind: 'trouble', botId, trouble }),
    moveGroup: (tenantId, upgrade) => moveGroup(db, { tenantId, ...upgrade }),
    // Once an hour: it is a write of the group's budget.
    reportMisplaced: (tenantId) =>
      putNotice(db, tenantId, `misplaced/${new Date().toISOString().slice(0, 13)}`, { kind: 'misplaced_command' }),
    telegram,
    engine,
    limits,
    logger,
  });
  return {
    routes: { findChannel: (secretHash) => findChannelByWebhook(db, secretHash), telegram, limits, intake },
    setup,
    poll: () =>
      startTelegramPoller({
        databaseUrl: env.DATABASE_URL,
        listTenants,
        telegram,
        intake,
        logger,
      }),
  };
}

/** One that was purged meanwhile has nothing to deliver any more. */
async function tellUnlessGone(engine: Engine, ref: ConversationRef): Promise<void> {
  await engine.signalChannelRepaired(ref).catch((error: unknown) => {
    if (!(error instanceof CodedError && error.code === 'conversation_not_found')) throw error;
  });
}

import type { Logger } from 'pino';
import { createTelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { type Env, settingsEnvironment } from '../../config/env.ts';
import type { Db } from '../../db/createDb.ts';
import { findChannelByWebhook } from '../../db/queries/findChannelByWebhook.ts';
import { findConversationByTopic } from '../../db/queries/findConversationByTopic.ts';
import { listTelegramConnections } from '../../db/queries/listTelegramConnections.ts';
import { listTelegramTenants } from '../../db/queries/listTelegramTenants.ts';
import { listParkedConversations } from '../../db/queries/outbox/listParkedConversations.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';
import type { Engine } from '../engine.ts';
import type { Limits } from '../limits/createLimits.ts';
import { createTelegramIntake } from './intake.ts';
import { startTelegramPoller, type TelegramPoller } from './poller.ts';
import type { TelegramRoutesOptions } from './routes.ts';

export interface TelegramParts {
  routes: TelegramRoutesOptions;
  /** Starts reading updates by long polling. */
  poll(): TelegramPoller;
}

interface TelegramDeps {
  db: Db;
  engine: Engine;
  limits: Limits;
  secrets: SecretBox;
  logger: Logger;
}

/** How agents' words come in: by webhook, or by polling where there is no public address. */
export function assembleTelegram(
  env: Pick<Env, 'TELEGRAM_API_ROOT' | 'DATABASE_URL' | 'NODE_ENV' | 'PARLEY_ENVIRONMENT'>,
  { db, engine, limits, secrets, logger }: TelegramDeps,
): TelegramParts {
  const telegram = createTelegramDirectory({
    listConnections: (tenantId) => listTelegramConnections(db, tenantId, settingsEnvironment(env)),
    open: (tenantId, sealed) => secrets.open(tenantId, sealed),
    apiRoot: env.TELEGRAM_API_ROOT,
  });
  const intake = createTelegramIntake({
    findConversation: (tenantId, topic) => findConversationByTopic(db, tenantId, topic),
    listParked: (tenantId, limit) => listParkedConversations(db, tenantId, limit),
    telegram,
    engine,
    limits,
    logger,
  });
  return {
    routes: { findChannel: (secretHash) => findChannelByWebhook(db, secretHash), telegram, limits, intake },
    poll: () =>
      startTelegramPoller({
        databaseUrl: env.DATABASE_URL,
        listTenants: () => listTelegramTenants(db),
        telegram,
        intake,
        logger,
      }),
  };
}

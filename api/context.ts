import type { PayloadCodec } from '@temporalio/common';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { SendWebhook } from '../channels/webhook/sendWebhook.ts';
import type { Environment } from '../contracts/tenantSettings.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';
import type { Db } from '../db/createDb.ts';
import type { Words } from '../db/words.ts';
import type { SecretBox } from '../encryption/secretBox.ts';
import type { Mailer } from '../runtime/mail/mailer.ts';
import type { FileStorage } from '../storage/port.ts';
import type { ApiKeys } from './access/apiKeys.ts';
import type { Rights } from './access/rights.ts';
import type { Directory } from './edge/directory.ts';
import type { Identities } from './edge/identities.ts';
import type { KnownOrigins } from './edge/knownOrigins.ts';
import type { RevocationWatch } from './edge/revocationWatch.ts';
import type { Sightings } from './edge/sightings.ts';
import type { SigningKeys } from './edge/signingKeys.ts';
import type { SingleUse } from './edge/singleUse.ts';
import type { Engine } from './engine.ts';
import type { Limits } from './limits/createLimits.ts';
import type { ApiMetrics } from './metrics.ts';
import type { Accounts } from './people/accounts.ts';
import type { PortalAgents } from './portal/portalAgents.ts';
import type { TelegramSetup } from './telegram/createTelegramSetup.ts';
import type { TelegramRoutesOptions } from './telegram/routes.ts';
import type { Receipts } from './ws/receipts.ts';

export interface ApiSettings {
  /** Which of a tenant's settings count here. */
  environment: Environment;
  /** Signs challenges and conversation tokens. */
  jwtSecret: string;
  /** Others by which they are verified, while one takes another's place. */
  otherJwtSecrets: string[];
  /** Speaks for an admin of the default tenant; without it there is no such token. */
  serviceToken?: string;
  /** Origins that may embed any site, beside each site's own list. */
  allowedOrigins: string[];
  /** Sites' key sets may lie in the installation's own network; for development. */
  privateKeySets: boolean;
  /** Tenants' identity providers may lie there too, and speak http. */
  privateProviders: boolean;
  /** Hosts that webhooks may go to although they are not public. */
  webhookHosts: string[];
  /** Number of reverse proxies in front whose X-Forwarded-For is believed. */
  trustedProxies: number;
  /** Prefix of Redis keys. */
  redisPrefix: string;
  /** Who may read /metrics. */
  metricsReaders: { token: string } | 'anyone' | 'nobody';
}

/** What an API instance is built from. Whoever makes these closes them, after the app. */
export interface ApiDeps {
  db: Db;
  /** Opens what people said. */
  words: Words;
  hub: Hub;
  engine: Engine;
  /** Opens payloads for operators. */
  codec: PayloadCodec;
  /** Opens what the database keeps sealed: the secrets that sites share with us. */
  secrets: SecretBox;
  /** Where the bytes of files are. */
  storage: FileStorage;
  logger: Logger;
  settings: ApiSettings;
  metrics: ApiMetrics;
  limits: Limits;
  /** What is used once is known to all instances with it, and to each alone without it. */
  redis?: Redis;
  /** Signs people in. */
  people: Accounts;
  mailer: Mailer;
  /** The widget's built script; /widget.js answers 404 without it. */
  widgetFile?: string;
  /** Connects Telegram groups, and keeps Telegram's side of a connection as ours is. */
  telegramSetup: TelegramSetup;
  /** Telegram's webhook; without it there is none. */
  telegram?: TelegramRoutesOptions;
}

/** What routes and sockets share. */
export interface ApiContext extends Omit<ApiDeps, 'logger' | 'telegram'> {
  /** Sends an example when an administrator asks for one. */
  sendWebhook: SendWebhook;
  keys: SigningKeys;
  singleUse: SingleUse;
  directory: Directory;
  receipts: Receipts;
  /** Has the agents see what is now known of the visitor. Best effort: the card's next change shows it too. */
  visitorChanged(ref: ConversationRef): void;
  identities: Identities;
  origins: KnownOrigins;
  revocations: RevocationWatch;
  sightings: Sightings;
  portalAgents: PortalAgents;
  rights: Rights;
  apiKeys: ApiKeys;
}

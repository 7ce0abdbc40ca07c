import type { PayloadCodec } from '@temporalio/common';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Hub } from '../channels/web/hub.ts';
import type { Db } from '../db/createDb.ts';
import type { Directory } from './edge/directory.ts';
import type { SigningKey } from './edge/signingKey.ts';
import type { Engine } from './engine.ts';
import type { ApiMetrics } from './metrics.ts';
import type { TelegramRoutesOptions } from './telegram/routes.ts';
import type { FrameLimiter } from './ws/frameLimiter.ts';

export interface ApiSettings {
  /** Signs challenges and conversation tokens. */
  jwtSecret: string;
  /** Authorises /v1/admin for the default tenant; without it those routes answer `forbidden`. */
  serviceToken?: string;
  /** Origins that may embed any site, beside each site's own list. */
  allowedOrigins: string[];
  /** Number of reverse proxies in front whose X-Forwarded-For is believed. */
  trustedProxies: number;
  /** Prefix of Redis keys. */
  redisPrefix: string;
  /** Metrics of the process (memory, event loop) beside our own. */
  processMetrics: boolean;
  /** Frames that one conversation's sockets may send. */
  frameLimit: { frames: number; seconds: number };
}

/** What an API instance is built from. Whoever makes these closes them, after the app. */
export interface ApiDeps {
  db: Db;
  hub: Hub;
  engine: Engine;
  /** Opens payloads for operators. */
  codec: PayloadCodec;
  logger: Logger;
  settings: ApiSettings;
  /** Limits hold across instances with it, and for each instance alone without it. */
  redis?: Redis;
  /** The widget's built script; /widget.js answers 404 without it. */
  widgetFile?: string;
  /** Telegram's webhook; without it there is none. */
  telegram?: TelegramRoutesOptions;
}

/** What routes and sockets share. */
export interface ApiContext extends Omit<ApiDeps, 'logger' | 'telegram'> {
  key: SigningKey;
  directory: Directory;
  metrics: ApiMetrics;
  frameLimiter: FrameLimiter;
}

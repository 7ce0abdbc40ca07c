import { createHmac } from 'node:crypto';
import type { BaseLogger } from 'pino';
import { ensureDefaultTelegram } from '../activities/delivery/ensureDefaultTelegram.ts';
import { createBotAccount, type WebhookTarget } from '../channels/telegram/createBotAccount.ts';
import { createBotCaller } from '../channels/telegram/createBotCaller.ts';
import { diagnoseBot, type ExpectedUpdates } from '../channels/telegram/diagnoseBot.ts';
import { introduceBot, mayPass, retryIntroduction } from '../channels/telegram/introduceBot.ts';
import { botIdOf } from '../channels/telegram/secrets.ts';
import { webhookUrl } from '../channels/telegram/webhookAddress.ts';
import { type Env, telegramUpdates } from '../config/env.ts';
import { CodedError } from '../contracts/errors.ts';
import { DEFAULT_TENANT_ID } from '../contracts/workflowId.ts';
import type { Db } from '../db/createDb.ts';
import type { SecretBox } from '../encryption/secretBox.ts';

interface Dependencies {
  env: Env;
  db: Db;
  secrets: SecretBox;
  /** Has a tenant's conversations try what they could not deliver. */
  retryDeliveries(tenantId: string): Promise<unknown>;
  logger: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
}

interface DefaultBot {
  token: string;
  groupId: string;
  webhook: WebhookTarget | undefined;
}

const TAKEN = {
  group_taken: 'SUPPORT_GROUP_ID is the group of another tenant: not connected',
  bot_taken: 'BOT_TOKEN is the bot of another tenant: not connected',
} as const;

/**
 * Connects the first tenant's group as the environment names it. Returns what then tells Telegram of it, undefined where there
 * is no group; rejects while the database is out of reach.
 */
export async function connectDefaultTelegram(
  dependencies: Dependencies,
): Promise<((signal: AbortSignal) => Promise<void>) | undefined> {
  const { env, db, secrets, logger } = dependencies;
  const { BOT_TOKEN: botToken, SUPPORT_GROUP_ID: groupId } = env;
  if (!botToken || !groupId) return undefined;
  const { webhookSecret, headerSecret } = secretsOf(env, botToken);
  try {
    const seal = (tenantId: string, plaintext: string) => secrets.seal(tenantId, plaintext);
    const isNew = await ensureDefaultTelegram({ db, seal }, { botToken, groupId, webhookSecret, headerSecret });
    if (isNew) await retryWaiting(dependencies);
  } catch (error) {
    if (!(error instanceof CodedError && (error.code === 'group_taken' || error.code === 'bot_taken'))) throw error;
    logger.error({ code: error.code, group_id: groupId, bot_id: botIdOf(botToken) }, TAKEN[error.code]);
    return undefined;
  }
  const updates = telegramUpdates(env);
  const publicUrl = updates.mode === 'webhook' ? updates.publicUrl : undefined;
  const webhook = publicUrl && webhookSecret ? { url: webhookUrl(publicUrl, webhookSecret), headerSecret } : undefined;
  const bot = { token: botToken, groupId, webhook };
  return (signal) => untilIntroduced(dependencies, bot, signal);
}

/** What came while there was no group. Best effort: conversations look for a channel by themselves, though later. */
async function retryWaiting({ retryDeliveries, logger }: Dependencies): Promise<void> {
  await retryDeliveries(DEFAULT_TENANT_ID).catch((err: unknown) => {
    logger.warn({ err }, 'conversations were not told of their new group');
  });
}

/** Derived from the token where nobody has set them, so that every worker tells Telegram the same. */
function secretsOf(env: Env, botToken: string): { webhookSecret?: string; headerSecret?: string } {
  const { WEBHOOK_SECRET: webhookSecret, TELEGRAM_HEADER_SECRET: headerSecret } = env;
  const { mode } = telegramUpdates(env);
  if (mode === 'polling' || !env.PUBLIC_URL) return { webhookSecret, headerSecret };
  const derived = (purpose: string) => createHmac('sha256', botToken).update(`parley:${purpose}`).digest('base64url');
  return {
    webhookSecret: webhookSecret ?? derived('webhook-path'),
    headerSecret: headerSecret ?? derived('webhook-header'),
  };
}

/** Sets the webhook and the menu of commands, again and again until Telegram has heard; then says what is wrong, if anything. */
async function untilIntroduced({ env, logger }: Dependencies, bot: DefaultBot, signal: AbortSignal): Promise<void> {
  const { token, groupId: chatId, webhook } = bot;
  const botId = botIdOf(token);
  const account = createBotAccount(createBotCaller({ token, apiRoot: env.TELEGRAM_API_ROOT }));
  const introduction = { chatId, webhook };
  const first = await introduceBot(account, introduction);
  if (!first.ok && mayPass(first.failure)) {
    logger.warn({ bot_id: botId, failure: first.failure.kind }, 'waiting for Telegram');
    await retryIntroduction(account, introduction, first.failure, { signal, isWanted: async () => true });
  }
  if (signal.aborted) return;
  const { problems } = await diagnoseBot({ botId, account }, chatId, expectedUpdates(env, webhook));
  for (const { code, severity, problem, remedy } of problems) {
    const level = severity === 'blocking' ? 'error' : severity === 'limiting' ? 'warn' : 'info';
    logger[level]({ bot_id: botId, chat_id: chatId, code, remedy }, problem);
  }
}

function expectedUpdates(env: Env, webhook: WebhookTarget | undefined): ExpectedUpdates {
  // Whoever polls removes a webhook that is in the way, and may not have done so yet.
  if (telegramUpdates(env).mode === 'polling') return { mode: 'unasked' };
  if (!webhook) return { mode: 'nowhere' };
  return { mode: 'webhook', placeOf: (url) => (url === webhook.url ? 'here' : 'elsewhere') };
}

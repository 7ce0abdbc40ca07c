import { randomBytes } from 'node:crypto';
import { createBotAccount } from '../../channels/telegram/createBotAccount.ts';
import { createBotCaller } from '../../channels/telegram/createBotCaller.ts';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import { botIdOf, type TelegramSecrets, telegramSecretsSchema } from '../../channels/telegram/secrets.ts';
import { webhookUrl } from '../../channels/telegram/webhookAddress.ts';
import type { TelegramUpdates } from '../../config/env.ts';
import type { ChannelPatch } from '../../contracts/channel.ts';
import type { ChannelConnection } from '../../db/queries/listChannelConnections.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';
import type { ConnectedBot } from './connectedBot.ts';
import { createIntroductions, type IntroductionDependencies } from './createIntroductions.ts';

/** A change of what is stored; a connection that is not active counts as none. */
export interface ConnectionChange {
  before?: ChannelConnection;
  after?: ChannelConnection;
  /** In clear, where it is known: with it the bots get their webhook. */
  webhookSecret?: string | null;
}

/** Keeps Telegram's side of a connection as ours is. */
export interface TelegramSetup {
  readonly updates: TelegramUpdates;
  botOf(token: string): ConnectedBot;
  secretsOf(connection: ChannelConnection): Promise<TelegramSecrets | undefined>;
  /** What is to be stored, with the secrets of a webhook that nobody has given. */
  completed<Fields extends ChannelPatch>(fields: Fields): Fields;
  /**
   * Takes the webhook from bots that serve no more, gives it to those that serve, and has waiting deliveries tried at once.
   * What Telegram refuses or does not hear is logged, and shows in the diagnosis; what it does not hear is told again until
   * it does.
   */
  follow(change: ConnectionChange): Promise<void>;
  /** The tenant's channel was switched on again: what waited for it goes out. */
  retryDeliveries(tenantId: string): Promise<unknown>;
  close(): void;
}

export interface TelegramSetupDependencies extends IntroductionDependencies {
  updates: TelegramUpdates;
  apiRoot: string;
  secrets: SecretBox;
  telegram: Pick<TelegramDirectory, 'forget'>;
  /** Deliveries that waited may be possible now. */
  retryDeliveries(tenantId: string): Promise<unknown>;
}

const SECRET_BYTES = 32;

export function createTelegramSetup(dependencies: TelegramSetupDependencies): TelegramSetup {
  const { updates, apiRoot, secrets, telegram, logger } = dependencies;
  const introductions = createIntroductions(dependencies);

  const botOf = (token: string): ConnectedBot => ({
    botId: botIdOf(token),
    account: createBotAccount(createBotCaller({ token, apiRoot })),
  });

  async function secretsOf(connection: ChannelConnection): Promise<TelegramSecrets | undefined> {
    if (!connection.secrets) return undefined;
    return telegramSecretsSchema.parse(JSON.parse(await secrets.open(connection.tenantId, connection.secrets)));
  }

  async function botsOf(connection: ChannelConnection | undefined): Promise<ConnectedBot[]> {
    if (connection?.status !== 'active') return [];
    return (await secretsOf(connection))?.botTokens.map(botOf) ?? [];
  }

  async function webhookOf(connection: ChannelConnection, webhookSecret: string | null | undefined) {
    if (updates.mode !== 'webhook' || !updates.publicUrl || !webhookSecret) return undefined;
    const { headerSecret } = (await secretsOf(connection)) ?? {};
    return { url: webhookUrl(updates.publicUrl, webhookSecret), headerSecret };
  }

  async function introduce(bots: ConnectedBot[], { after, webhookSecret }: ConnectionChange): Promise<void> {
    if (!after?.channelId) return;
    const introduction = { chatId: after.channelId, webhook: await webhookOf(after, webhookSecret) };
    await Promise.all(bots.map((bot) => introductions.introduce(after, bot, introduction)));
  }

  async function dismiss(bots: ConnectedBot[], connection: ChannelConnection): Promise<void> {
    const dismissing = bots.map(async ({ botId, account }) => {
      introductions.forget(botId);
      const result = await account.deleteWebhook();
      if (result.ok) return;
      const fields = { tenant_id: connection.tenantId, connection_id: connection.id, bot_id: botId };
      logger.warn({ ...fields, failure: result.failure.kind }, 'the webhook of a bot could not be removed');
    });
    await Promise.all(dismissing);
  }

  return {
    updates,
    retryDeliveries: dependencies.retryDeliveries,
    botOf,
    secretsOf,
    completed(fields) {
      const { secrets: given, status } = fields;
      const serves = given !== null && (given !== undefined || status === 'active');
      if (updates.mode !== 'webhook' || !updates.publicUrl || !serves) return fields;
      return {
        ...fields,
        webhookSecret: fields.webhookSecret ?? newSecret(),
        ...(given && { secrets: { ...given, headerSecret: given['headerSecret'] ?? newSecret() } }),
      };
    },
    async follow(change) {
      const { before, after } = change;
      const [old, current] = await Promise.all([botsOf(before), botsOf(after)]);
      const gone = old.filter(({ botId }) => !current.some((bot) => bot.botId === botId));
      if (before) await dismiss(gone, before);
      await introduce(current, change);
      const tenantId = after?.tenantId ?? before?.tenantId;
      if (tenantId === undefined) return;
      telegram.forget(tenantId);
      if (current.length > 0) await dependencies.retryDeliveries(tenantId);
    },
    close: () => introductions.close(),
  };
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

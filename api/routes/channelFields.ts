import { botIdOf, type TelegramSecrets, telegramSecretsSchema } from '../../channels/telegram/secrets.ts';
import { hashWebhookSecret } from '../../channels/telegram/webhookAddress.ts';
import type { ChannelPatch, ChannelType } from '../../contracts/channel.ts';
import type { ChannelFields } from '../../db/queries/channels/channelView.ts';
import type { ApiContext } from '../context.ts';
import { fromZodIssues } from '../errors/fromZodIssues.ts';

/** The fields with what is secret as it is kept; absent stays absent. */
export async function channelFields(
  api: ApiContext,
  { tenantId, type }: { tenantId: string; type: ChannelType },
  { secrets, webhookSecret, ...fields }: ChannelPatch,
): Promise<Partial<ChannelFields>> {
  return {
    ...fields,
    ...(secrets !== undefined && (await secretFields(api, { tenantId, type }, secrets))),
    ...(webhookSecret !== undefined && {
      webhookSecretHash: webhookSecret === null ? null : hashWebhookSecret(webhookSecret),
    }),
  };
}

async function secretFields(
  api: ApiContext,
  { tenantId, type }: { tenantId: string; type: ChannelType },
  secrets: object | null,
): Promise<Pick<ChannelFields, 'secrets' | 'botIds'>> {
  if (secrets === null) return { secrets: null, botIds: [] };
  const botIds = type === 'telegram' ? requireTelegramSecrets(secrets).botTokens.map(botIdOf) : [];
  return { secrets: await api.secrets.seal(tenantId, JSON.stringify(secrets)), botIds };
}

function requireTelegramSecrets(secrets: object): TelegramSecrets {
  const { data, error } = telegramSecretsSchema.safeParse(secrets);
  if (error) throw fromZodIssues(error.issues.map((issue) => ({ ...issue, path: ['secrets', ...issue.path] })));
  return data;
}

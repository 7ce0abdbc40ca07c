import { telegramSecretsSchema } from '../../channels/telegram/secrets.ts';
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
    ...(secrets !== undefined && { secrets: secrets && (await sealed(api, tenantId, type, secrets)) }),
    ...(webhookSecret !== undefined && {
      webhookSecretHash: webhookSecret === null ? null : hashWebhookSecret(webhookSecret),
    }),
  };
}

async function sealed(api: ApiContext, tenantId: string, type: ChannelType, secrets: object): Promise<Buffer> {
  if (type === 'telegram') requireTelegramSecrets(secrets);
  return api.secrets.seal(tenantId, JSON.stringify(secrets));
}

function requireTelegramSecrets(secrets: object): void {
  const { error } = telegramSecretsSchema.safeParse(secrets);
  if (error) throw fromZodIssues(error.issues.map((issue) => ({ ...issue, path: ['secrets', ...issue.path] })));
}

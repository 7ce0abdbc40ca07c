import { v7 as uuidv7 } from 'uuid';
import { botIdOf, type TelegramSecrets } from '../../channels/telegram/secrets.ts';
import { hashWebhookSecret } from '../../channels/telegram/webhookAddress.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { listChannelConnections } from '../../db/queries/listChannelConnections.ts';
import { saveChannelConnection } from '../../db/queries/saveChannelConnection.ts';

export interface DefaultTelegram {
  botToken: string;
  groupId: string;
  webhookSecret?: string;
  headerSecret?: string;
}

/**
 * Makes the first tenant's Telegram connection, or brings it up to date, and switches off one that an earlier environment
 * named. A group that was upgraded since keeps its new id. `seal` encrypts for the tenant. Resolves to whether the group was not
 * connected before.
 */
export async function ensureDefaultTelegram(
  { db, seal }: { db: Db; seal(tenantId: string, plaintext: string): Promise<Buffer> },
  { botToken, groupId, webhookSecret, headerSecret }: DefaultTelegram,
): Promise<boolean> {
  const known = await listChannelConnections(db, DEFAULT_TENANT_ID, 'telegram');
  const fromEnvironment = known.filter(({ settings }) => settings['origin'] === 'environment');
  const current = fromEnvironment.find(({ settings }) => settings['groupId'] === groupId);
  const secrets: TelegramSecrets = { botTokens: [botToken], headerSecret };
  for (const outdated of fromEnvironment) {
    if (outdated !== current)
      await saveChannelConnection(db, { ...outdated, status: 'disabled', webhookSecretHash: null });
  }
  await saveChannelConnection(db, {
    tenantId: DEFAULT_TENANT_ID,
    id: uuidv7(),
    type: 'telegram',
    channelId: current?.channelId ?? groupId,
    status: 'active',
    settings: { origin: 'environment', groupId },
    secrets: await seal(DEFAULT_TENANT_ID, JSON.stringify(secrets)),
    botIds: [botIdOf(botToken)],
    webhookSecretHash: webhookSecret ? hashWebhookSecret(webhookSecret) : null,
  });
  return current?.status !== 'active';
}

import type { ChannelInput, ChannelView } from '../../../contracts/channel.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';

/** What an administrator sets of a connection; secrets are sealed or hashed already. */
export type ChannelFields = Pick<ChannelInput, 'status' | 'settings'> &
  Pick<ChannelConnection, 'secrets' | 'botIds' | 'webhookSecretHash'>;

/** A connection as the admin API shows it: everything but the secrets. */
export function toChannelView(row: ChannelConnection): ChannelView {
  const { id, type, channelId, status, settings, secrets, webhookSecretHash, createdAt, updatedAt } = row;
  return {
    ...{ id, type, channelId, status, settings },
    hasSecrets: secrets !== null,
    hasWebhook: webhookSecretHash !== null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

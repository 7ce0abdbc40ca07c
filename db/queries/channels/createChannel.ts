import { v7 as uuidV7 } from 'uuid';
import type { ChannelType } from '../../../contracts/channel.ts';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';
import { CHANNEL_REFUSALS } from './channelRefusals.ts';
import type { ChannelFields } from './channelView.ts';

export interface NewChannel extends ChannelFields {
  tenantId: string;
  type: ChannelType;
  channelId: string | null;
}

/**
 * Connects a channel. Throws `conflict` when the tenant has a connection to this account, or somebody has the webhook's secret;
 * `group_taken` and `bot_taken` for what another tenant has at Telegram.
 */
export async function createChannel(db: Db, channel: NewChannel, by: By): Promise<ChannelConnection> {
  const { tenantId, type } = channel;
  const creating = withTenant(db, tenantId, async (tx) => {
    const [created] = await tx
      .insert(channelConnections)
      .values({ ...channel, id: uuidV7() })
      .returning();
    if (!created) throw new Error('The connection was not inserted');
    const target = `channel/${created.id}`;
    await insertAudit(tx, { ...by, tenantId, action: 'channel.created', target, data: { type } });
    return created;
  });
  return explainRefusal(
    creating,
    { taken: 'This account is connected already, or the webhook secret is in use.' },
    CHANNEL_REFUSALS,
  );
}

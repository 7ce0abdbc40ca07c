import { sql } from 'drizzle-orm';
import type { Db } from '../createDb.ts';
import { explainRefusal } from '../explainRefusal.ts';
import { channelConnections } from '../schema/channelConnections.ts';
import { withTenant } from '../withTenant.ts';
import { CHANNEL_REFUSALS } from './channels/channelRefusals.ts';
import type { ChannelConnection } from './listChannelConnections.ts';

export type NewChannelConnection = typeof channelConnections.$inferInsert;

/**
 * Makes the connection, or replaces what is known of the tenant's connection to the same account (`type`, `channelId`). Throws
 * `group_taken` and `bot_taken` for what another tenant has at Telegram.
 */
export async function saveChannelConnection(db: Db, connection: NewChannelConnection): Promise<ChannelConnection> {
  const { status, settings, secrets, botIds, webhookSecretHash } = connection;
  const { tenantId, type, channelId } = channelConnections;
  const saving = withTenant(db, connection.tenantId, async (tx) => {
    const [saved] = await tx
      .insert(channelConnections)
      .values(connection)
      .onConflictDoUpdate({
        target: [tenantId, type, channelId],
        set: { status, settings, secrets, botIds, webhookSecretHash, updatedAt: sql`now()` },
      })
      .returning();
    if (!saved) throw new Error('The connection was not saved');
    return saved;
  });
  return explainRefusal(saving, {}, CHANNEL_REFUSALS);
}

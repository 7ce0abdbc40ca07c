import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';
import { CHANNEL_REFUSALS } from './channelRefusals.ts';
import type { ChannelFields } from './channelView.ts';

/**
 * Replaces the fields that are given. Undefined when the tenant has no such connection; throws `conflict` when somebody has the
 * webhook's secret, `group_taken` and `bot_taken` for what another tenant has at Telegram.
 */
export async function updateChannel(
  db: Db,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  changes: Partial<ChannelFields>,
  by: By,
): Promise<ChannelConnection | undefined> {
  const updating = withTenant(db, tenantId, async (tx) => {
    const [updated] = await tx
      .update(channelConnections)
      .set({ ...changes, updatedAt: sql`now()` })
      .where(and(eq(channelConnections.tenantId, tenantId), eq(channelConnections.id, connectionId)))
      .returning();
    if (!updated) return undefined;
    const data = { fields: Object.keys(changes) };
    await insertAudit(tx, { ...by, tenantId, action: 'channel.changed', target: `channel/${connectionId}`, data });
    return updated;
  });
  return explainRefusal(updating, { taken: 'The webhook secret is in use.' }, CHANNEL_REFUSALS);
}

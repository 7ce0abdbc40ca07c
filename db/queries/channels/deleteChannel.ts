import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';

/** Gives the connection as it was; undefined when the tenant has no such one. */
export async function deleteChannel(
  db: Db,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  by: By,
): Promise<ChannelConnection | undefined> {
  return withTenant(db, tenantId, async (tx) => {
    const [deleted] = await tx
      .delete(channelConnections)
      .where(and(eq(channelConnections.tenantId, tenantId), eq(channelConnections.id, connectionId)))
      .returning();
    if (!deleted) return undefined;
    await insertAudit(tx, { ...by, tenantId, action: 'channel.deleted', target: `channel/${connectionId}` });
    return deleted;
  });
}

import { and, asc, eq } from 'drizzle-orm';
import type { Db } from '../createDb.ts';
import { channelConnections } from '../schema/channelConnections.ts';
import { withTenant } from '../withTenant.ts';

export type ChannelConnection = typeof channelConnections.$inferSelect;

/** The tenant's active connections of one type, the oldest first; `secrets` are still encrypted. */
export async function listChannelConnections(
  db: Db,
  tenantId: string,
  type: ChannelConnection['type'],
): Promise<ChannelConnection[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(channelConnections)
      .where(
        and(
          eq(channelConnections.tenantId, tenantId),
          eq(channelConnections.type, type),
          eq(channelConnections.status, 'active'),
        ),
      )
      .orderBy(asc(channelConnections.createdAt), asc(channelConnections.id)),
  );
}

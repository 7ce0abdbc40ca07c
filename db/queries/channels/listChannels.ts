import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';

/** At most `limit` of the tenant's connections after `after`, in the order of their ids, disabled ones too. */
export async function listChannels(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<ChannelConnection[]> {
  const { id } = channelConnections;
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(channelConnections)
      .where(and(eq(channelConnections.tenantId, tenantId), after === undefined ? undefined : gt(id, after)))
      .orderBy(asc(id))
      .limit(limit),
  );
}

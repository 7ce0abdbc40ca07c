import { and, eq } from 'drizzle-orm';
import type { ChannelType } from '../../../contracts/channel.ts';
import type { Db } from '../../createDb.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';

/** The tenant's connection to an account, active or not. */
export async function findChannel(
  db: Db,
  tenantId: string,
  { type, channelId }: { type: ChannelType; channelId: string },
): Promise<ChannelConnection | undefined> {
  const [connection] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(channelConnections)
      .where(
        and(
          eq(channelConnections.tenantId, tenantId),
          eq(channelConnections.type, type),
          eq(channelConnections.channelId, channelId),
        ),
      ),
  );
  return connection;
}

import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import type { ChannelConnection } from '../listChannelConnections.ts';

/** Undefined when the tenant has no such connection. */
export async function getChannel(
  db: Db,
  tenantId: string,
  connectionId: string,
): Promise<ChannelConnection | undefined> {
  const [connection] = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(channelConnections)
      .where(and(eq(channelConnections.tenantId, tenantId), eq(channelConnections.id, connectionId))),
  );
  return connection;
}

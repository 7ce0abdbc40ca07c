import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { withTenant } from '../../withTenant.ts';
import { CHANNEL_REFUSALS } from './channelRefusals.ts';

/** Notes the bots of a connection for which none are noted. Throws `bot_taken` where another tenant has one of them. */
export async function fillBotIds(
  db: Db,
  { tenantId, id }: { tenantId: string; id: string },
  botIds: string[],
): Promise<void> {
  const filling = withTenant(db, tenantId, (tx) =>
    tx
      .update(channelConnections)
      .set({ botIds })
      .where(
        and(
          eq(channelConnections.tenantId, tenantId),
          eq(channelConnections.id, id),
          eq(channelConnections.botIds, sql`'{}'`),
        ),
      ),
  );
  await explainRefusal(filling, {}, CHANNEL_REFUSALS);
}

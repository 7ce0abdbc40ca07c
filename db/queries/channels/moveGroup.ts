import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { channelConnections } from '../../schema/channelConnections.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { withTenant } from '../../withTenant.ts';
import { CHANNEL_REFUSALS } from './channelRefusals.ts';

/**
 * The group has another id now: for the tenant's connection, and for every topic in it. Repeating it does nothing. Throws
 * `group_taken`, and moves nothing, when another tenant has the group under that id.
 */
export async function moveGroup(
  db: Db,
  { tenantId, chatId, newChatId }: { tenantId: string; chatId: string; newChatId: string },
): Promise<void> {
  const connectionTo = (channelId: string) =>
    and(
      eq(channelConnections.tenantId, tenantId),
      eq(channelConnections.type, 'telegram'),
      eq(channelConnections.channelId, channelId),
    );
  const moving = withTenant(db, tenantId, async (tx) => {
    const { id } = channelConnections;
    const known = await tx.select({ id }).from(channelConnections).where(connectionTo(newChatId));
    const change = known.length > 0 ? { status: 'disabled' as const } : { channelId: newChatId };
    await tx
      .update(channelConnections)
      .set({ ...change, updatedAt: sql`now()` })
      .where(connectionTo(chatId));
    await tx
      .update(telegramTopics)
      .set({ chatId: newChatId, updatedAt: sql`now()` })
      .where(and(eq(telegramTopics.tenantId, tenantId), eq(telegramTopics.chatId, chatId)));
  });
  return explainRefusal(moving, {}, CHANNEL_REFUSALS);
}

import { and, eq, sql } from 'drizzle-orm';
import { channelConnections } from '../../schema/channelConnections.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import type { TenantTx } from '../../withTenant.ts';
import type { DeliveryRef } from './deliveryLease.ts';

function topicOf({ tenantId, conversationId }: DeliveryRef) {
  return and(eq(telegramTopics.tenantId, tenantId), eq(telegramTopics.conversationId, conversationId));
}

/** The conversation has this topic from now on. */
export async function saveTopic(
  tx: TenantTx,
  { tenantId, conversationId }: DeliveryRef,
  topic: { chatId: string; threadId: number; botId: string },
): Promise<void> {
  await tx
    .insert(telegramTopics)
    .values({ tenantId, conversationId, ...topic })
    .onConflictDoUpdate({
      target: [telegramTopics.tenantId, telegramTopics.conversationId],
      set: { ...topic, updatedAt: sql`now()` },
    });
}

export async function readTopic(tx: TenantTx, ref: DeliveryRef) {
  const [topic] = await tx
    .select({ chatId: telegramTopics.chatId, threadId: telegramTopics.threadId })
    .from(telegramTopics)
    .where(topicOf(ref));
  return topic;
}

export async function forgetTopic(tx: TenantTx, ref: DeliveryRef): Promise<void> {
  await tx.delete(telegramTopics).where(topicOf(ref));
}

/** The group has another id now: for the tenant's connection, and for every topic in it. Repeating it does nothing. */
export async function moveGroup(
  tx: TenantTx,
  { tenantId, chatId, newChatId }: { tenantId: string; chatId: string; newChatId: string },
): Promise<void> {
  const connectionTo = (channelId: string) =>
    and(
      eq(channelConnections.tenantId, tenantId),
      eq(channelConnections.type, 'telegram'),
      eq(channelConnections.channelId, channelId),
    );
  const known = await tx.select({ id: channelConnections.id }).from(channelConnections).where(connectionTo(newChatId));
  const change = known.length > 0 ? { status: 'disabled' as const } : { channelId: newChatId };
  await tx
    .update(channelConnections)
    .set({ ...change, updatedAt: sql`now()` })
    .where(connectionTo(chatId));
  await tx
    .update(telegramTopics)
    .set({ chatId: newChatId, updatedAt: sql`now()` })
    .where(and(eq(telegramTopics.tenantId, tenantId), eq(telegramTopics.chatId, chatId)));
}

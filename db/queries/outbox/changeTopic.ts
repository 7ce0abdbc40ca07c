import { and, eq, sql } from 'drizzle-orm';
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

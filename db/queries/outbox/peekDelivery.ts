import { eq, sql } from 'drizzle-orm';
import type { OutboxPriority } from '../../../contracts/outboxPriority.ts';
import { outbox } from '../../schema/outbox.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import type { TenantTx } from '../../withTenant.ts';
import { type DeliveryRef, ofDelivery } from './deliveryLease.ts';
import { openRows } from './openRows.ts';

export interface DeliveryOutlook {
  /** What waits, by the most urgent of it: words where there are any, else looks. Undefined when nothing is open. */
  waiting: { words: boolean; priority: OutboxPriority; since: number } | undefined;
  /** Milliseconds for which another attempt holds the lease, or 0. */
  leasedMs: number;
  /** Group of the conversation's topic, when there is one. */
  chatId: string | undefined;
}

const isWords = sql`${outbox.kind} not in ('card', 'reaction')`;

/** Is there anything to deliver, and where to? Asked before a slot is reserved for it. */
export async function peekDelivery(tx: TenantTx, ref: DeliveryRef): Promise<DeliveryOutlook> {
  const [row] = await tx
    .select({
      waiting: sql<DeliveryOutlook['waiting'] | null>`(${tx
        .select({
          waiting: sql`json_build_object(
            'words', bool_or(${isWords}),
            'priority', coalesce(min(${outbox.priority}) filter (where ${isWords}), min(${outbox.priority})),
            'since', floor(extract(epoch from min(${outbox.createdAt})) * 1000))`,
        })
        .from(outbox)
        .where(openRows(ref))
        .having(sql`count(*) > 0`)})`,
      leasedMs: sql<string>`coalesce((${tx
        .select({ ms: sql`ceil(extract(epoch from ${topicDeliveries.leaseUntil} - clock_timestamp()) * 1000)` })
        .from(topicDeliveries)
        .where(ofDelivery(ref))}), 0)`,
      chatId: sql<string | null>`(${tx
        .select({ chatId: telegramTopics.chatId })
        .from(telegramTopics)
        .where(eq(telegramTopics.conversationId, ref.conversationId))})`,
    })
    .from(sql`(select 1) as one`);
  if (!row) throw new Error('A select without a table returned nothing');
  return {
    waiting: row.waiting ?? undefined,
    leasedMs: Math.max(0, Number(row.leasedMs)),
    chatId: row.chatId ?? undefined,
  };
}

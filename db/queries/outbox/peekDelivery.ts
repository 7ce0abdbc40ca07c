import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { OutboxPriority } from '../../../contracts/outboxPriority.ts';
import { files } from '../../schema/files.ts';
import { outbox } from '../../schema/outbox.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import type { TenantTx } from '../../withTenant.ts';
import { type DeliveryRef, ofDelivery } from './deliveryLease.ts';
import { openRows } from './openRows.ts';

export interface DeliveryOutlook {
  /** What waits, by the most urgent of it: words where there are any, else looks. Undefined when nothing is open. */
  waiting: { words: boolean; card: boolean; priority: OutboxPriority; since: number } | undefined;
  /** Milliseconds for which another attempt holds the lease, or 0. */
  leasedMs: number;
  /** Group of the conversation's topic, when there is one. */
  chatId: string | undefined;
  /** The bot that posted the topic's card, where there is one. */
  cardBotId: string | undefined;
  /** The bot that reacted last in the conversation. */
  reactorBotId: string | undefined;
  /** The first of the words, where there are any. */
  head: DeliveryHead | undefined;
}

export interface DeliveryHead {
  key: string;
  kind: string;
  /** It met a closed topic, which is closed still. */
  locked: boolean;
  /** How much of the budget its write may need: an album counts as many writes as it has files. Words are a part before them. */
  writes: number;
}

/** `lastError` of rows that met a closed topic. */
export const TOPIC_CLOSED = 'topic_closed';

/** Telegram's longest album. Source: Bot API, sendMediaGroup. */
const LONGEST_ALBUM = 10;

const isWords = sql`${outbox.kind} not in ('card', 'reaction')`;

/** Is there anything to deliver, and where to? Asked before a slot is reserved for it. */
export async function peekDelivery(tx: TenantTx, ref: DeliveryRef): Promise<DeliveryOutlook> {
  const [row] = await tx
    .select({
      waiting: sql<DeliveryOutlook['waiting'] | null>`(${tx
        .select({
          waiting: sql`json_build_object(
            'words', bool_or(${isWords}),
            'card', bool_or(${outbox.kind} = 'card'),
            'priority', coalesce(min(${outbox.priority}) filter (where ${isWords}), min(${outbox.priority})),
            'since', floor(extract(epoch from coalesce(
              min(${outbox.createdAt}) filter (where ${isWords}), min(${outbox.createdAt}))) * 1000))`,
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
      cardBotId: sql<string | null>`(${tx
        .select({ cardBotId: topicDeliveries.cardBotId })
        .from(topicDeliveries)
        .where(ofDelivery(ref))})`,
      reactorBotId: sql<string | null>`(${tx
        .select({ botId: outbox.botId })
        .from(outbox)
        .where(
          and(
            eq(outbox.tenantId, ref.tenantId),
            eq(outbox.conversationId, ref.conversationId),
            eq(outbox.kind, 'reaction'),
            eq(outbox.state, 'sent'),
          ),
        )
        .orderBy(desc(outbox.ordinal))
        .limit(1)})`,
      head: sql<DeliveryHead | null>`(${tx
        .select({
          head: sql`json_build_object(
            'key', ${outbox.key},
            'kind', ${outbox.kind},
            'locked', ${outbox.lastError} is not distinct from ${TOPIC_CLOSED} and coalesce((${tx
              .select({ closed: topicDeliveries.closed })
              .from(topicDeliveries)
              .where(ofDelivery(ref))}), false),
            'writes', least(${LONGEST_ALBUM}::int, greatest(1, (${tx
              .select({ count: sql`count(*)` })
              .from(files)
              .where(
                and(
                  eq(files.tenantId, ref.tenantId),
                  eq(files.conversationId, ref.conversationId),
                  eq(files.messageId, outbox.messageId),
                ),
              )}) - greatest(0, ${outbox.partsSent} - 1))))`,
        })
        .from(outbox)
        .where(and(openRows(ref), isWords))
        .orderBy(asc(outbox.ordinal))
        .limit(1)})`,
    })
    .from(sql`(select 1) as one`);
  if (!row) throw new Error('A select without a table returned nothing');
  return {
    waiting: row.waiting ?? undefined,
    leasedMs: Math.max(0, Number(row.leasedMs)),
    chatId: row.chatId ?? undefined,
    cardBotId: row.cardBotId ?? undefined,
    reactorBotId: row.reactorBotId ?? undefined,
    head: row.head ?? undefined,
  };
}

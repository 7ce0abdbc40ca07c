import type { Db } from '../../db/createDb.ts';
import { abandonSending, markSending, markSent, markUnsettled } from '../../db/queries/outbox/changeRows.ts';
import {
  type DeliveryAttempt,
  extendDeliveryLease,
  markCreating,
  releaseDeliveryLease,
  takeDeliveryLease,
} from '../../db/queries/outbox/deliveryLease.ts';
import { type Delivery, readDelivery } from '../../db/queries/outbox/readDelivery.ts';
import { withTenant } from '../../db/withTenant.ts';
import type { Words } from '../../db/words.ts';
import { type PlannedWrite, planWrite } from './planWrite.ts';

export interface BegunWrite {
  write: PlannedWrite;
  threadId: number | undefined;
  /** Rows that were settled without a write. */
  moot: number;
}

export type Beginning = BegunWrite | 'idle' | 'busy';

/** Where an attempt may write; `topicChatId` is the group in which the conversation's topic was when the slot was reserved. */
export interface WriteTarget {
  botId: string;
  chatId: string;
  topicChatId: string | undefined;
  /** The bot that edits the conversation's card; without one the card is posted anew. */
  cardBotId: string | undefined;
  /** How many writes of the budget are reserved. */
  writes: number;
}

/**
 * Takes the lease, decides the write and marks its rows `sending`, in one transaction before anything goes out. `idle`:
 * nothing is open; `busy`: another attempt holds the lease, or has just moved the topic, or another bot has to edit the card.
 */
export async function beginWrite(
  { db, words, consoleUrl }: { db: Db; words: Words; consoleUrl?: string | undefined },
  attempt: DeliveryAttempt,
  { botId, chatId, topicChatId, cardBotId, writes }: WriteTarget,
  { leaseMs, filesLeaseMs }: { leaseMs: number; filesLeaseMs: number },
): Promise<Beginning> {
  await words.ready(attempt.tenantId);
  return withTenant(db, attempt.tenantId, async (tx) => {
    if (!(await takeDeliveryLease(tx, attempt, leaseMs))) return 'busy';
    await abandonSending(tx, attempt);
    const delivery = await readDelivery(tx, words, attempt);
    const moved = delivery?.topic && delivery.topic.chatId !== topicChatId;
    const plan = delivery && !moved ? planWrite(within(delivery, chatId, cardBotId), writes, consoleUrl) : undefined;
    const isAnothers = plan?.write?.kind === 'edit_card' && cardBotId !== botId;
    if (plan) {
      await markSent(tx, attempt, plan.moot);
      await markUnsettled(tx, attempt, plan.stale, 'failed', 'dropped');
    }
    if (!plan?.write || isAnothers) {
      await releaseDeliveryLease(tx, attempt, {});
      return moved || isAnothers ? 'busy' : 'idle';
    }
    if (plan.write.kind === 'files') await extendDeliveryLease(tx, attempt, filesLeaseMs);
    if (plan.write.kind === 'create_topic') await markCreating(tx, attempt);
    const threadId = delivery?.topic?.threadId;
    if (threadId !== undefined) await markSending(tx, attempt, plan.write.keys, { botId, chatId, threadId });
    return { write: plan.write, threadId, moot: plan.moot.length + plan.stale.length };
  });
}

/** A topic in a group that the tenant does not use any more counts for nothing, nor does a card that nobody can edit. */
function within({ topic, state, ...delivery }: Delivery, chatId: string, cardBotId: string | undefined): Delivery {
  return {
    ...delivery,
    topic: topic?.chatId === chatId ? topic : null,
    state: cardBotId === undefined ? { ...state, cardMessageId: null } : state,
  };
}

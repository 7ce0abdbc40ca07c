import { and, eq, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Owner } from '../../contracts/conversation.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { conversationNotes } from '../schema/conversationNotes.ts';
import { conversations } from '../schema/conversations.ts';
import { domainEvents } from '../schema/domainEvents.ts';
import { files } from '../schema/files.ts';
import { messages } from '../schema/messages.ts';
import { outbox } from '../schema/outbox.ts';
import { telegramTopics } from '../schema/telegramTopics.ts';
import { topicDeliveries } from '../schema/topicDeliveries.ts';
import { withTenant } from '../withTenant.ts';

const CONTENTS = [messages, files, conversationNotes, outbox, telegramTopics, topicDeliveries];

/**
 * Deletes what was said and done in the conversation; its row stays, as that of a new conversation, and goes on counting.
 * `turn` becomes the barrier: what a late worker wants to record of a turn up to it is dropped (see recordTurn). Returns the
 * highest `seq` that was given so far; undefined when it was emptied at this turn before, or has no row.
 */
export async function emptyConversation(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  { turn, owner }: { turn: number; owner: Owner },
): Promise<number | undefined> {
  const asNew = { status: 'new', owner, claimedById: null, claimedByName: null, title: null } as const;
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const [emptied] = await tx
        .update(conversations)
        .set({ ...asNew, turn, resetTurn: turn, updatedAt: sql`now()`, closedAt: null, snoozedUntil: null })
        .where(
          and(
            eq(conversations.tenantId, tenantId),
            eq(conversations.id, conversationId),
            lt(conversations.resetTurn, turn),
          ),
        )
        .returning({ lastSeq: conversations.lastSeq });
      if (!emptied) return undefined;
      for (const table of CONTENTS) {
        await tx.delete(table).where(and(eq(table.tenantId, tenantId), eq(table.conversationId, conversationId)));
      }
      const event = { tenantId, conversationId, id: uuidv7(), name: 'conversation.reset', data: {} } as const;
      await tx.insert(domainEvents).values({ ...event, occurredAt: new Date() });
      return emptied.lastSeq;
    },
    { lock: conversationId },
  );
}

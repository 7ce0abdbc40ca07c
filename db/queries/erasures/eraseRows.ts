import { and, eq, getTableName } from 'drizzle-orm';
import type { TopicOutcome } from '../../../contracts/erasure.ts';
import type { ErasureStep } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { conversationNotes } from '../../schema/conversationNotes.ts';
import { conversations } from '../../schema/conversations.ts';
import { domainEvents } from '../../schema/domainEvents.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { files } from '../../schema/files.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { sessions } from '../../schema/sessions.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { telemetryEvents } from '../../schema/telemetryEvents.ts';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import { webhookAttempts } from '../../schema/webhookAttempts.ts';
import { webhookDeliveries } from '../../schema/webhookDeliveries.ts';
import { withTenant } from '../../withTenant.ts';

/** Every table with a `conversation_id`, but the receipts'; one that hangs on another comes before it. */
export const TABLES_OF_A_CONVERSATION = [
  outbox,
  messages,
  conversationNotes,
  files,
  webhookAttempts,
  webhookDeliveries,
  domainEvents,
  telegramTopics,
  topicDeliveries,
  telemetryEvents,
  portalConversations,
  sessions,
] as const;

/**
 * Deletes every row of one conversation and, in the same transaction, notes how many there were of each table: a repeat
 * finds the note and changes nothing.
 */
export async function eraseRows(db: Db, step: ErasureStep, topic: TopicOutcome): Promise<void> {
  const { tenantId, erasureId, conversationId } = step;
  const ofStep = and(
    eq(erasedConversations.tenantId, tenantId),
    eq(erasedConversations.erasureId, erasureId),
    eq(erasedConversations.conversationId, conversationId),
  );
  await withTenant(
    db,
    tenantId,
    async (tx) => {
      const [item] = await tx.select({ rows: erasedConversations.rows }).from(erasedConversations).where(ofStep);
      if (!item || item.rows) return;
      const rows: Record<string, number> = {};
      const note = (name: string, deleted: number | null) => {
        if (deleted) rows[name] = deleted;
      };
      for (const table of TABLES_OF_A_CONVERSATION) {
        const { rowCount } = await tx
          .delete(table)
          .where(and(eq(table.tenantId, tenantId), eq(table.conversationId, conversationId)));
        note(getTableName(table), rowCount);
      }
      const { rowCount } = await tx
        .delete(conversations)
        .where(and(eq(conversations.tenantId, tenantId), eq(conversations.id, conversationId)));
      note(getTableName(conversations), rowCount);
      await tx.update(erasedConversations).set({ rows, topic }).where(ofStep);
    },
    { lock: conversationId },
  );
}

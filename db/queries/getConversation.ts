import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { conversations } from '../schema/conversations.ts';
import { withTenant } from '../withTenant.ts';

export type Conversation = typeof conversations.$inferSelect;

/** The conversation as its workflow last recorded it; undefined before its first turn and after its erasure. */
export async function getConversation(db: Db, ref: ConversationRef): Promise<Conversation | undefined> {
  const [conversation] = await withTenant(db, ref.tenantId, (tx) =>
    tx
      .select()
      .from(conversations)
      .where(and(eq(conversations.tenantId, ref.tenantId), eq(conversations.id, ref.conversationId))),
  );
  return conversation;
}

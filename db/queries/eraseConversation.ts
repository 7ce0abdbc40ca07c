import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { conversations } from '../schema/conversations.ts';
import { files } from '../schema/files.ts';
import { portalConversations } from '../schema/portalConversations.ts';
import { sessions } from '../schema/sessions.ts';
import { withTenant } from '../withTenant.ts';

/** Deletes the visitor's session or the person's place in the portal, the conversation and with it, by cascade, all that hangs on it. Idempotent. */
export async function eraseConversation(db: Db, { tenantId, conversationId }: ConversationRef): Promise<void> {
  await withTenant(
    db,
    tenantId,
    async (tx) => {
      await tx
        .delete(sessions)
        .where(and(eq(sessions.tenantId, tenantId), eq(sessions.conversationId, conversationId)));
      await tx.delete(files).where(and(eq(files.tenantId, tenantId), eq(files.conversationId, conversationId)));
      await tx
        .delete(portalConversations)
        .where(and(eq(portalConversations.tenantId, tenantId), eq(portalConversations.conversationId, conversationId)));
      await tx
        .delete(conversations)
        .where(and(eq(conversations.tenantId, tenantId), eq(conversations.id, conversationId)));
    },
    { lock: conversationId },
  );
}

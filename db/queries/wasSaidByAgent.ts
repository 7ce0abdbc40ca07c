import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';

/** Whether a person who answers said this message of the conversation. */
export async function wasSaidByAgent(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  messageId: string,
): Promise<boolean> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ id: messages.id })
      .from(messages)
      .where(
        and(
          eq(messages.tenantId, tenantId),
          eq(messages.conversationId, conversationId),
          eq(messages.id, messageId),
          eq(messages.authorKind, 'agent'),
        ),
      ),
  );
  return rows.length > 0;
}

import { and, eq, inArray } from 'drizzle-orm';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';

/** Those of the ids that are messages of the conversation. */
export async function findKnownMessages(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ id: messages.id })
      .from(messages)
      .where(
        and(
          eq(messages.tenantId, tenantId),
          eq(messages.conversationId, conversationId),
          inArray(messages.id, [...ids]),
        ),
      ),
  );
  return new Set(rows.map(({ id }) => id));
}

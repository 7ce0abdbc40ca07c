import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

const COUNT = `
SELECT count(*)::int AS count FROM files f
LEFT JOIN messages m ON m.tenant_id = f.tenant_id AND m.conversation_id = f.conversation_id AND m.id = f.message_id
WHERE f.tenant_id = $1 AND f.conversation_id = $2 AND f.id = ANY($3::uuid[]) AND f.stored_at IS NOT NULL
  AND (f.message_id IS NULL OR m.client_message_id = $4)`;

/** Whether every id is a stored file of this conversation that no other message carries. Ids must differ. */
export async function areAttachable(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  ids: readonly string[],
  clientMessageId: string,
): Promise<boolean> {
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query<{ count: number }>(COUNT, [tenantId, conversationId, ids, clientMessageId]),
  );
  return rows[0]?.count === ids.length;
}

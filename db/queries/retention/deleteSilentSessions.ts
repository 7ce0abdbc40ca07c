import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/**
 * Deletes at most `limit` sessions of visitors who came, last before `before`, and never wrote: there is no conversation.
 * Returns how many there were.
 */
export async function deleteSilentSessions(db: Db, tenantId: string, before: Date, limit: number): Promise<number> {
  const { rowCount } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'delete_silent_sessions',
      text: `DELETE FROM sessions WHERE tenant_id = $1 AND conversation_id IN (
        SELECT s.conversation_id FROM sessions s
        WHERE s.tenant_id = $1 AND coalesce(s.last_seen_at, s.created_at) < $2
          AND NOT EXISTS (SELECT FROM conversations c WHERE c.tenant_id = $1 AND c.id = s.conversation_id)
        LIMIT $3)`,
      values: [tenantId, before, limit],
    }),
  );
  return rowCount ?? 0;
}

import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

export interface SilentSessionsPage {
  /** Came last before this. */
  before: Date;
  /** The last page's `last`; undefined for the first page. */
  after?: string;
  /** Sessions that are looked at. */
  limit: number;
}

/**
 * Of one page of the tenant's sessions, deletes those of visitors who came, and never wrote: there is no conversation. Returns how
 * many, and where the next page begins; undefined after the last one. A tenant may have more than one statement could look at.
 */
export async function deleteSilentSessions(
  db: Db,
  tenantId: string,
  { before, after, limit }: SilentSessionsPage,
): Promise<{ deleted: number; last: string | undefined }> {
  const { rows } = await withTenant(db, tenantId, (tx) =>
    tx.$client.query<{ deleted: number; looked: number; last: string | null }>({
      name: 'delete_silent_sessions',
      text: `WITH page AS MATERIALIZED (
          SELECT conversation_id, coalesce(last_seen_at, created_at) < $2 AS is_old FROM sessions
          WHERE tenant_id = $1 AND ($3::uuid IS NULL OR conversation_id > $3) ORDER BY conversation_id LIMIT $4
        ), gone AS (
          DELETE FROM sessions s USING page p
          WHERE s.tenant_id = $1 AND s.conversation_id = p.conversation_id AND p.is_old
            AND NOT EXISTS (SELECT FROM conversations c WHERE c.tenant_id = $1 AND c.id = p.conversation_id)
          RETURNING s.conversation_id
        )
        SELECT (SELECT count(*)::int FROM gone) AS deleted, (SELECT count(*)::int FROM page) AS looked,
          (SELECT conversation_id FROM page ORDER BY conversation_id DESC LIMIT 1) AS last`,
      values: [tenantId, before, after ?? null, limit],
    }),
  );
  const [page] = rows;
  if (!page) return { deleted: 0, last: undefined };
  return { deleted: page.deleted, last: page.looked < limit ? undefined : (page.last ?? undefined) };
}

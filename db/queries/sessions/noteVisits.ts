import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** A visitor's page was there. */
export interface Visit {
  conversationId: string;
  ip: string;
  at: Date;
}

/** Notes when, and from which address, visitors of one tenant were last seen. */
export async function noteVisits(db: Db, tenantId: string, visits: readonly Visit[]): Promise<void> {
  const last = new Map(visits.map((visit) => [visit.conversationId, visit]));
  await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'note_visits',
      text: `UPDATE sessions s SET ip = v.ip, ip_seen_at = v.at, last_seen_at = v.at
        FROM json_to_recordset($2::json) AS v ("conversationId" uuid, ip inet, at timestamptz)
        WHERE s.tenant_id = $1 AND s.conversation_id = v."conversationId"`,
      values: [tenantId, JSON.stringify([...last.values()])],
    }),
  );
}

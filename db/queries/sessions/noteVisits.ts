import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** A visitor's page was there. */
export interface Visit {
  conversationId: string;
  /** Undefined where the proxy named none; what is known of an earlier visit stays, with its age. */
  ip: string | undefined;
  at: Date;
}

/** Notes when, and from which address, visitors of one tenant were last seen. */
export async function noteVisits(db: Db, tenantId: string, visits: readonly Visit[]): Promise<void> {
  const last = new Map(visits.map((visit) => [visit.conversationId, visit]));
  await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'note_visits',
      text: `UPDATE sessions s SET last_seen_at = v.at, ip = coalesce(v.ip, s.ip),
          ip_seen_at = CASE WHEN v.ip IS NULL THEN s.ip_seen_at ELSE v.at END
        FROM json_to_recordset($2::json) AS v ("conversationId" uuid, ip inet, at timestamptz)
        WHERE s.tenant_id = $1 AND s.conversation_id = v."conversationId"`,
      values: [tenantId, JSON.stringify([...last.values()])],
    }),
  );
}

import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';

/** What a widget saw. */
export interface TelemetryEvent {
  siteId: string;
  conversationId: string;
  name: string;
  occurredAt: Date;
}

/** Keeps telemetry of one tenant's visitors, but of none who was erased meanwhile. */
export async function insertTelemetry(db: Db, tenantId: string, events: readonly TelemetryEvent[]): Promise<void> {
  const rows = events.map((event) => ({ id: uuidv7(), ...event }));
  await withTenant(db, tenantId, (tx) =>
    tx.$client.query({
      name: 'insert_telemetry',
      text: `INSERT INTO telemetry_events (tenant_id, id, site_id, conversation_id, name, occurred_at)
        SELECT $1, id, "siteId", "conversationId", name, "occurredAt"
        FROM json_to_recordset($2::json) AS e (
          id uuid, "siteId" uuid, "conversationId" uuid, name text, "occurredAt" timestamptz)
        WHERE NOT EXISTS (
          SELECT FROM erased_conversations x WHERE x.tenant_id = $1 AND x.conversation_id = e."conversationId")`,
      values: [tenantId, JSON.stringify(rows)],
    }),
  );
}

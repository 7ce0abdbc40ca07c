import { v7 as uuidV7 } from 'uuid';
import type { TenantTx } from '../../withTenant.ts';

/** An order that no worker has taken for longer is forgotten. */
const ORDERED_WITHIN_MS = 24 * 60 * 60_000;

/**
 * The conversation that has a ledger row with this key, or for which one was ordered within the last day; its workflow may
 * not have written it yet. Nobody else asks about the key until the transaction ends.
 */
export async function holderOfKey(
  { $client: client }: TenantTx,
  tenantId: string,
  key: string,
): Promise<string | undefined> {
  // A statement of its own: what the holder before has written is seen by the statement after it.
  await client.query({
    name: 'lock_ledger_key',
    text: `SELECT pg_advisory_xact_lock(hashtextextended('outbox/' || $1 || '/' || $2, 0))`,
    values: [tenantId, key],
  });
  const { rows } = await client.query<{ conversationId: string }>({
    name: 'holder_of_ledger_key',
    text: `SELECT conversation_id::text AS "conversationId" FROM outbox WHERE tenant_id = $1 AND key = $2
      UNION ALL
      SELECT data ->> 'conversationId' FROM audit_log
      WHERE tenant_id = $1 AND id >= $3 AND action = 'ledger.enqueue' AND target = 'outbox/' || $2
      LIMIT 1`,
    values: [tenantId, key, uuidV7({ msecs: Date.now() - ORDERED_WITHIN_MS, random: new Uint8Array(16) })],
  });
  return rows[0]?.conversationId;
}

import { MAX_CONVERSATION_BYTES, MAX_CONVERSATION_FILES } from '../../../contracts/fileLimits.ts';
import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import type { FileRow } from './fileRow.ts';

export interface NewFile {
  tenantId: string;
  conversationId: string;
  id: string;
  /** Sealed, like `source`. */
  name: Buffer;
  source?: Buffer;
  size: number;
  /** Known of an upload at once, of what is fetched later only then. */
  type?: string;
  sha256?: string;
}

// Nothing is kept of a conversation that is being erased, however late it comes.
const RESERVE = `
INSERT INTO files (tenant_id, conversation_id, id, name, source, size, type, sha256)
SELECT $1, $2, $3, $4, $5, $6, $7, $8
WHERE NOT EXISTS (SELECT FROM erased_conversations e WHERE e.tenant_id = $1 AND e.conversation_id = $2)
ON CONFLICT DO NOTHING
RETURNING id`;

const KNOWN = `
SELECT id, message_id AS "messageId", name, source, size, type, sha256, stored_at AS "storedAt" FROM files
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3`;

const TOTAL = `
SELECT count(*)::int AS count, coalesce(sum(size), 0)::float8 AS bytes FROM files
WHERE tenant_id = $1 AND conversation_id = $2`;

/**
 * Makes room for a file before its bytes come. `known` has the row of an earlier attempt under the same id; `quota`: the
 * conversation has as many as it may; `erased`: there is no conversation any more.
 */
export async function reserveFile(
  db: Db,
  { tenantId, conversationId, id, name, source, size, type, sha256 }: NewFile,
): Promise<{ kind: 'reserved' | 'quota' | 'erased' } | { kind: 'known'; file: FileRow }> {
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const { rows: known } = await tx.$client.query<FileRow>(KNOWN, [tenantId, conversationId, id]);
      if (known[0]) return { kind: 'known', file: known[0] };
      const { rows } = await tx.$client.query<{ count: number; bytes: number }>(TOTAL, [tenantId, conversationId]);
      const { count, bytes } = rows[0] ?? { count: 0, bytes: 0 };
      if (count >= MAX_CONVERSATION_FILES || bytes + size > MAX_CONVERSATION_BYTES) return { kind: 'quota' };
      const values = [tenantId, conversationId, id, name, source ?? null, size, type ?? null, sha256 ?? null];
      const { rowCount } = await tx.$client.query(RESERVE, values);
      return { kind: rowCount === 1 ? 'reserved' : 'erased' };
    },
    { lock: conversationId },
  );
}

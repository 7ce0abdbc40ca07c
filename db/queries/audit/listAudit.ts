import { and, desc, eq, lt } from 'drizzle-orm';
import type { AuditEntry } from '../../../contracts/audit.ts';
import type { Db } from '../../createDb.ts';
import { auditLog } from '../../schema/auditLog.ts';
import { withTenant } from '../../withTenant.ts';

/** At most `limit` lines of the tenant's audit log before the line `before`, the newest first. */
export async function listAudit(
  db: Db,
  tenantId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<AuditEntry[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.tenantId, tenantId), before === undefined ? undefined : lt(auditLog.id, before)))
      .orderBy(desc(auditLog.id))
      .limit(limit),
  );
  return rows.map(toEntry);
}

function toEntry(row: typeof auditLog.$inferSelect): AuditEntry {
  const { id, action, target, data, ip, requestId, occurredAt } = row;
  const actor = { kind: row.actorKind, id: row.actorId };
  return { id, actor, action, target, data, ip, requestId, occurredAt: occurredAt.toISOString() };
}

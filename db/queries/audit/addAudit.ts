import type { Db } from '../../createDb.ts';
import { withTenant } from '../../withTenant.ts';
import { insertAudit, type NewAuditEntry } from './insertAudit.ts';

/** Adds a line for what was done outside of the database, or only read. */
export async function addAudit(db: Db, entry: NewAuditEntry): Promise<void> {
  await withTenant(db, entry.tenantId, (tx) => insertAudit(tx, entry));
}

import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { tenantKeys } from '../../schema/tenantKeys.ts';
import { withTenant } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';

/** Forgets a version of the tenant's data key: whatever is still sealed with it can never be read again. */
export async function deleteTenantKey(db: Db, tenantId: string, version: number): Promise<void> {
  await withTenant(db, tenantId, async (tx) => {
    const deleted = await tx
      .delete(tenantKeys)
      .where(and(eq(tenantKeys.tenantId, tenantId), eq(tenantKeys.version, version)))
      .returning({ version: tenantKeys.version });
    if (deleted.length === 0) return;
    await insertAudit(tx, {
      tenantId,
      actor: { kind: 'system', id: null },
      action: 'data_key.retired',
      target: `tenant/${tenantId}`,
      data: { version },
    });
  });
}

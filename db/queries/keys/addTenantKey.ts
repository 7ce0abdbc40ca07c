import type { Db } from '../../createDb.ts';
import { tenantKeys } from '../../schema/tenantKeys.ts';
import { withTenant } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';
import type { TenantKey } from '../getTenantKeys.ts';

/** Gives the tenant a new version of its data key. False when somebody else has made this version already. */
export async function addTenantKey(db: Db, tenantId: string, key: TenantKey): Promise<boolean> {
  return withTenant(db, tenantId, async (tx) => {
    const made = await tx
      .insert(tenantKeys)
      .values({ tenantId, ...key })
      .onConflictDoNothing()
      .returning();
    if (made.length === 0) return false;
    await insertAudit(tx, {
      tenantId,
      actor: { kind: 'system', id: null },
      action: 'data_key.rotated',
      target: `tenant/${tenantId}`,
      data: { version: key.version, masterKeyId: key.masterKeyId },
    });
    return true;
  });
}

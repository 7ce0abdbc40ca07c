import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { tenantKeys } from '../../schema/tenantKeys.ts';
import { withTenant } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';

export interface RewrappedKey {
  version: number;
  /** As it was read: a key that somebody else rewrapped meanwhile is left alone. */
  before: Buffer;
  wrapped: Buffer;
  masterKeyId: string;
}

/** Replaces the wrapping of a tenant's keys, all of them in one transaction. Returns how many were replaced. */
export async function rewrapTenantKeys(db: Db, tenantId: string, keys: readonly RewrappedKey[]): Promise<number> {
  return withTenant(db, tenantId, async (tx) => {
    const rewrapped: number[] = [];
    for (const { version, before, wrapped, masterKeyId } of keys) {
      const replaced = await tx
        .update(tenantKeys)
        .set({ wrapped, masterKeyId })
        .where(and(eq(tenantKeys.tenantId, tenantId), eq(tenantKeys.version, version), eq(tenantKeys.wrapped, before)))
        .returning({ version: tenantKeys.version });
      rewrapped.push(...replaced.map((row) => row.version));
    }
    if (rewrapped.length > 0) {
      await insertAudit(tx, {
        tenantId,
        actor: { kind: 'system', id: null },
        action: 'data_key.rewrapped',
        target: `tenant/${tenantId}`,
        data: { versions: rewrapped, masterKeyId: keys[0]?.masterKeyId },
      });
    }
    return rewrapped.length;
  });
}

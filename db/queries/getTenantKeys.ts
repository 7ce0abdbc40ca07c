import { asc, eq } from 'drizzle-orm';
import type { Db } from '../createDb.ts';
import { tenantKeys } from '../schema/tenantKeys.ts';
import { withTenant } from '../withTenant.ts';

export interface TenantKey {
  version: number;
  /** The data key, wrapped by the master key. */
  wrapped: Buffer;
  /** Null for keys from before master keys had names. */
  masterKeyId: string | null;
}

/** Every version of the tenant's data key, ascending: the last one encrypts. */
export async function getTenantKeys(db: Db, tenantId: string): Promise<TenantKey[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select({ version: tenantKeys.version, wrapped: tenantKeys.wrapped, masterKeyId: tenantKeys.masterKeyId })
      .from(tenantKeys)
      .where(eq(tenantKeys.tenantId, tenantId))
      .orderBy(asc(tenantKeys.version)),
  );
}

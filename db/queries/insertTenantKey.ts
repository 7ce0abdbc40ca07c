import { and, eq } from 'drizzle-orm';
import type { Db } from '../createDb.ts';
import { tenantKeys } from '../schema/tenantKeys.ts';
import { withTenant } from '../withTenant.ts';
import type { TenantKey } from './getTenantKeys.ts';

/** Keeps `key` unless this version is there already, and returns what is kept: of two that race, both get the first one's. */
export async function insertTenantKey(db: Db, tenantId: string, key: TenantKey): Promise<TenantKey> {
  return withTenant(db, tenantId, async (tx) => {
    const columns = {
      version: tenantKeys.version,
      wrapped: tenantKeys.wrapped,
      masterKeyId: tenantKeys.masterKeyId,
    };
    const [made] = await tx
      .insert(tenantKeys)
      .values({ tenantId, ...key })
      .onConflictDoNothing()
      .returning(columns);
    if (made) return made;
    const [kept] = await tx
      .select(columns)
      .from(tenantKeys)
      .where(and(eq(tenantKeys.tenantId, tenantId), eq(tenantKeys.version, key.version)));
    if (!kept) throw new Error('The key was not kept');
    return kept;
  });
}

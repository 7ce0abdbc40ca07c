import { asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { tenantKeys } from '../../schema/tenantKeys.ts';
import { withTenant } from '../../withTenant.ts';

/** A version of a tenant's data key, without the key. */
export interface KeyVersion {
  version: number;
  masterKeyId: string | null;
  createdAt: Date;
  /** Milliseconds since it was made, by the clock of the database. */
  ageMs: number;
}

/** Ascending: the last one encrypts. */
export async function readKeyVersions(db: Db, tenantId: string): Promise<KeyVersion[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select({
        version: tenantKeys.version,
        masterKeyId: tenantKeys.masterKeyId,
        createdAt: tenantKeys.createdAt,
        ageMs: sql`extract(epoch from clock_timestamp() - ${tenantKeys.createdAt}) * 1000`.mapWith(Number),
      })
      .from(tenantKeys)
      .where(eq(tenantKeys.tenantId, tenantId))
      .orderBy(asc(tenantKeys.version)),
  );
}

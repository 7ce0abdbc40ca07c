import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { withTenant } from '../../withTenant.ts';

/** Writes down that a key is in use, unless some instance did within the last minute. */
export async function touchApiKey(db: Db, tenantId: string, keyId: string): Promise<void> {
  const stale = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, sql`now() - interval '1 minute'`));
  await withTenant(db, tenantId, (tx) =>
    tx
      .update(apiKeys)
      .set({ lastUsedAt: sql`now()` })
      .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, keyId), stale)),
  );
}

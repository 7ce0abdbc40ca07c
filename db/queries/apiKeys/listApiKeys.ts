import { and, desc, eq, lt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { withTenant } from '../../withTenant.ts';
import type { ApiKeyRow } from './insertApiKey.ts';

/** At most `limit` of the tenant's keys before the key `before`, the newest first; revoked ones are among them. */
export async function listApiKeys(
  db: Db,
  tenantId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<ApiKeyRow[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, tenantId), before === undefined ? undefined : lt(apiKeys.id, before)))
      .orderBy(desc(apiKeys.id))
      .limit(limit),
  );
}

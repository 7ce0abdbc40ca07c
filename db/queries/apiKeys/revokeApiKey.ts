import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { apiKeys } from '../../schema/apiKeys.ts';
import { withTenant } from '../../withTenant.ts';
import type { By } from '../audit/insertAudit.ts';
import { revokeKeys } from './revokeKeys.ts';

/** Revokes a key and those that it issued, once and for all. False when the tenant has no such key. */
export async function revokeApiKey(db: Db, tenantId: string, id: string, by: By): Promise<boolean> {
  return withTenant(
    db,
    tenantId,
    async (tx) => {
      const key = and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id));
      const [found] = await tx.select({ id: apiKeys.id }).from(apiKeys).where(key);
      if (found) await revokeKeys(tx, tenantId, [id], by);
      return found !== undefined;
    },
    { lock: tenantId },
  );
}

import { and, desc, eq, lt } from 'drizzle-orm';
import type { ErasureSummary } from '../../../contracts/erasure.ts';
import type { Db } from '../../createDb.ts';
import { erasures } from '../../schema/erasures.ts';
import { withTenant } from '../../withTenant.ts';
import { summariseErasures } from './summariseErasures.ts';

/** At most `limit` erasures of the tenant, newest first, that were asked for before the one called `before`. */
export async function listErasures(
  db: Db,
  tenantId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<ErasureSummary[]> {
  return withTenant(db, tenantId, async (tx) => {
    // Ids are UUIDv7: their order is that of time.
    const rows = await tx
      .select()
      .from(erasures)
      .where(and(eq(erasures.tenantId, tenantId), before === undefined ? undefined : lt(erasures.id, before)))
      .orderBy(desc(erasures.id))
      .limit(limit);
    return summariseErasures(tx, rows);
  });
}

import { and, count, eq } from 'drizzle-orm';
import type { ErasureRef } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { erasures } from '../../schema/erasures.ts';
import { withTenant } from '../../withTenant.ts';

/** Notes that the erasure is carried out and says how far it is; undefined while there is no such erasure. */
export async function beginErasure(
  db: Db,
  { tenantId, erasureId }: ErasureRef,
): Promise<{ conversations: number; erased: number } | undefined> {
  return withTenant(db, tenantId, async (tx) => {
    const begun = await tx
      .update(erasures)
      .set({ state: 'running' })
      .where(and(eq(erasures.tenantId, tenantId), eq(erasures.id, erasureId)))
      .returning({ id: erasures.id });
    if (begun.length === 0) return undefined;
    const [total] = await tx
      .select({ conversations: count(), erased: count(erasedConversations.erasedAt) })
      .from(erasedConversations)
      .where(and(eq(erasedConversations.tenantId, tenantId), eq(erasedConversations.erasureId, erasureId)));
    return total;
  });
}

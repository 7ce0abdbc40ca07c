import { and, asc, eq, isNull } from 'drizzle-orm';
import type { ErasureRef } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { withTenant } from '../../withTenant.ts';

/** At most `limit` conversations of the erasure that are not erased yet. */
export async function listToErase(db: Db, { tenantId, erasureId }: ErasureRef, limit: number): Promise<string[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select({ id: erasedConversations.conversationId })
      .from(erasedConversations)
      .where(
        and(
          eq(erasedConversations.tenantId, tenantId),
          eq(erasedConversations.erasureId, erasureId),
          isNull(erasedConversations.erasedAt),
        ),
      )
      .orderBy(asc(erasedConversations.conversationId))
      .limit(limit),
  );
  return rows.map(({ id }) => id);
}

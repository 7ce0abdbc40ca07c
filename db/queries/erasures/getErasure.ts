import { and, asc, eq } from 'drizzle-orm';
import type { ErasureDetails } from '../../../contracts/erasure.ts';
import type { ErasureRef } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { erasures } from '../../schema/erasures.ts';
import { withTenant } from '../../withTenant.ts';
import { summariseErasures } from './summariseErasures.ts';

/** Undefined when the tenant has no such erasure. */
export async function getErasure(db: Db, { tenantId, erasureId }: ErasureRef): Promise<ErasureDetails | undefined> {
  return withTenant(db, tenantId, async (tx) => {
    const [erasure] = await tx
      .select()
      .from(erasures)
      .where(and(eq(erasures.tenantId, tenantId), eq(erasures.id, erasureId)));
    if (!erasure) return undefined;
    const [summary] = await summariseErasures(tx, [erasure]);
    if (!summary) return undefined;
    const items = await tx
      .select()
      .from(erasedConversations)
      .where(and(eq(erasedConversations.tenantId, tenantId), eq(erasedConversations.erasureId, erasureId)))
      .orderBy(asc(erasedConversations.conversationId));
    return {
      ...summary,
      items: items.map(({ conversationId, rows, workflowRuns, topic, erasedAt }) => ({
        conversationId,
        rows,
        workflowRuns,
        topic,
        erasedAt: erasedAt?.toISOString() ?? null,
      })),
    };
  });
}

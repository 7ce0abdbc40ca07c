import { and, eq, sql } from 'drizzle-orm';
import type { ErasureStep } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { withTenant } from '../../withTenant.ts';

/** One conversation of the erasure is erased: its rows are gone, and so are the histories of `workflowRuns` runs. */
export async function noteErased(db: Db, step: ErasureStep, workflowRuns: number): Promise<void> {
  const { tenantId, erasureId, conversationId } = step;
  await withTenant(db, tenantId, (tx) =>
    tx
      .update(erasedConversations)
      .set({ workflowRuns, erasedAt: sql`now()` })
      .where(
        and(
          eq(erasedConversations.tenantId, tenantId),
          eq(erasedConversations.erasureId, erasureId),
          eq(erasedConversations.conversationId, conversationId),
        ),
      ),
  );
}

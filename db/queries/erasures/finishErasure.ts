import { and, eq, ne, sql } from 'drizzle-orm';
import type { ErasureReceipt } from '../../../contracts/erasure.ts';
import type { ErasureRef } from '../../../contracts/upkeep.ts';
import type { Db } from '../../createDb.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { erasures } from '../../schema/erasures.ts';
import { type TenantTx, withTenant } from '../../withTenant.ts';
import { insertAudit } from '../audit/insertAudit.ts';

/** Ends the erasure with its receipt, the sum over its conversations, and tells the audit log. A repeat does nothing. */
export async function finishErasure(
  db: Db,
  { tenantId, erasureId }: ErasureRef,
  state: 'done' | 'failed',
): Promise<void> {
  await withTenant(db, tenantId, async (tx) => {
    const receipt = await sumUp(tx, { tenantId, erasureId });
    const finished = await tx
      .update(erasures)
      .set({ state, receipt: { ...receipt }, finishedAt: sql`now()` })
      .where(and(eq(erasures.tenantId, tenantId), eq(erasures.id, erasureId), ne(erasures.state, state)))
      .returning({ id: erasures.id });
    if (finished.length === 0) return;
    await insertAudit(tx, {
      tenantId,
      actor: { kind: 'system', id: null },
      action: `erasure.${state}`,
      target: `erasure/${erasureId}`,
      data: { ...receipt },
    });
  });
}

async function sumUp(tx: TenantTx, { tenantId, erasureId }: ErasureRef): Promise<ErasureReceipt> {
  const items = await tx
    .select()
    .from(erasedConversations)
    .where(and(eq(erasedConversations.tenantId, tenantId), eq(erasedConversations.erasureId, erasureId)));
  const receipt: ErasureReceipt = { conversations: 0, rows: {}, workflowRuns: 0, topics: {} };
  for (const { rows, topic, workflowRuns, erasedAt } of items) {
    if (erasedAt) receipt.conversations += 1;
    receipt.workflowRuns += workflowRuns ?? 0;
    for (const [table, deleted] of Object.entries(rows ?? {})) add(receipt.rows, table, deleted);
    if (topic) add(receipt.topics, topic, 1);
  }
  return receipt;
}

function add(counts: Record<string, number>, name: string, more: number): void {
  counts[name] = (counts[name] ?? 0) + more;
}

import { and, count, eq, inArray } from 'drizzle-orm';
import { type ErasureSummary, erasureKindSchema, erasureReceiptSchema } from '../../../contracts/erasure.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import type { erasures } from '../../schema/erasures.ts';
import type { TenantTx } from '../../withTenant.ts';

/** Erasures of one tenant with how far each is. */
export async function summariseErasures(
  tx: TenantTx,
  rows: (typeof erasures.$inferSelect)[],
): Promise<ErasureSummary[]> {
  const [first] = rows;
  if (!first) return [];
  const totals = await tx
    .select({
      erasureId: erasedConversations.erasureId,
      conversations: count(),
      erased: count(erasedConversations.erasedAt),
    })
    .from(erasedConversations)
    .where(
      and(
        eq(erasedConversations.tenantId, first.tenantId),
        inArray(
          erasedConversations.erasureId,
          rows.map(({ id }) => id),
        ),
      ),
    )
    .groupBy(erasedConversations.erasureId);
  const progress = new Map(totals.map(({ erasureId, ...total }) => [erasureId, total]));
  return rows.map((row) => ({
    id: row.id,
    state: row.state,
    kind: erasureKindSchema.parse(row.subject['kind']),
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    progress: progress.get(row.id) ?? { conversations: 0, erased: 0 },
    receipt: row.receipt === null ? null : erasureReceiptSchema.parse(row.receipt),
  }));
}

import { and, eq, inArray, sql } from 'drizzle-orm';
import type { ErasureKind } from '../../../contracts/erasure.ts';
import { erasedConversations } from '../../schema/erasedConversations.ts';
import { erasures } from '../../schema/erasures.ts';
import { sessions } from '../../schema/sessions.ts';
import type { TenantTx } from '../../withTenant.ts';

export interface NewErasure {
  tenantId: string;
  erasureId: string;
  kind: ErasureKind;
  /** At least one. */
  conversationIds: string[];
  /** Who asked, as the audit log names them. */
  requestedBy: string;
}

/**
 * Writes down what is to be erased. With the commit the visitors' tokens are void and no turn of the conversations is
 * recorded any more.
 */
export async function insertErasure(tx: TenantTx, erasure: NewErasure): Promise<void> {
  const { tenantId, erasureId, kind, conversationIds, requestedBy } = erasure;
  await tx.insert(erasures).values({ tenantId, id: erasureId, subject: { kind }, requestedBy });
  await tx
    .insert(erasedConversations)
    .values(conversationIds.map((conversationId) => ({ tenantId, erasureId, conversationId })));
  await tx
    .update(sessions)
    .set({ revokedAt: sql`coalesce(${sessions.revokedAt}, now())` })
    .where(and(eq(sessions.tenantId, tenantId), inArray(sessions.conversationId, conversationIds)));
}

import { and, eq, isNull } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import { sessions } from '../../schema/sessions.ts';
import type { TenantTx } from '../../withTenant.ts';

/** Ends what the session's tokens allow. False where there is no such session; one that was revoked before stays so. */
export async function revokeSession(tx: TenantTx, { tenantId, conversationId }: ConversationRef): Promise<boolean> {
  const ofConversation = and(eq(sessions.tenantId, tenantId), eq(sessions.conversationId, conversationId));
  await tx
    .update(sessions)
    .set({ revokedAt: new Date() })
    .where(and(ofConversation, isNull(sessions.revokedAt)));
  const known = await tx.select({ siteId: sessions.siteId }).from(sessions).where(ofConversation);
  return known.length > 0;
}

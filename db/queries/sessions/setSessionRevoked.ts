import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { sessions } from '../../schema/sessions.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';

/** Ends what the session's tokens allow, or lets its visitor in again; one that is so already stays as it is. */
export async function setSessionRevoked(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
  revoked: boolean,
  by: By,
): Promise<void> {
  const { revokedAt } = sessions;
  await withTenant(db, tenantId, async (tx) => {
    const changed = await tx
      .update(sessions)
      .set({ revokedAt: revoked ? new Date() : null })
      .where(
        and(
          eq(sessions.tenantId, tenantId),
          eq(sessions.conversationId, conversationId),
          revoked ? isNull(revokedAt) : isNotNull(revokedAt),
        ),
      )
      .returning({ conversationId: sessions.conversationId });
    if (changed.length === 0) return;
    const action = revoked ? 'session.revoked' : 'session.restored';
    await insertAudit(tx, { ...by, tenantId, action, target: `conversation/${conversationId}` });
  });
}

import { and, eq } from 'drizzle-orm';
import type { ConversationRef } from '../../../contracts/workflowId.ts';
import type { Db } from '../../createDb.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { withTenant } from '../../withTenant.ts';
import { type PortalRow, selectPortal } from './portalRow.ts';

/** Undefined when the tenant's portal has no such conversation. */
export async function getPortalConversation(
  db: Db,
  { tenantId, conversationId }: ConversationRef,
): Promise<PortalRow | undefined> {
  const [row] = await withTenant(db, tenantId, (tx) =>
    selectPortal(tx).where(
      and(eq(portalConversations.tenantId, tenantId), eq(portalConversations.conversationId, conversationId)),
    ),
  );
  return row;
}

import { and, eq } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { CodedError } from '../../../contracts/errors.ts';
import type { Db } from '../../createDb.ts';
import { portalConversations } from '../../schema/portalConversations.ts';
import { withTenant } from '../../withTenant.ts';
import { type PortalRow, selectPortal } from './portalRow.ts';

export interface PortalKey {
  tenantId: string;
  agentId: string;
  userId: string;
}

/**
 * The person's one conversation with the agent: the one that there is, else a new one. Of several requests that come at once
 * one makes it and all get it. Throws `agent_unknown` when the tenant has no such agent.
 */
export async function openPortalConversation(db: Db, key: PortalKey): Promise<{ row: PortalRow; made: boolean }> {
  const { tenantId, agentId, userId } = key;
  return withTenant(db, tenantId, async (tx) => {
    const made = await tx
      .insert(portalConversations)
      .values({ ...key, conversationId: uuidV7() })
      .onConflictDoNothing()
      .returning({ id: portalConversations.conversationId });
    const [row] = await selectPortal(tx).where(
      and(
        eq(portalConversations.tenantId, tenantId),
        eq(portalConversations.agentId, agentId),
        eq(portalConversations.userId, userId),
      ),
    );
    if (!row) throw new CodedError('agent_unknown', 'There is no such agent.');
    return { row, made: made.length > 0 };
  });
}

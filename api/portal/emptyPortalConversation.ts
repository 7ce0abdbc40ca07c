import { CodedError } from '../../contracts/errors.ts';
import { addAudit } from '../../db/queries/audit/addAudit.ts';
import type { By } from '../../db/queries/audit/insertAudit.ts';
import type { PortalRow } from '../../db/queries/portal/portalRow.ts';
import type { ApiContext } from '../context.ts';
import { portalSetup } from './portalAgents.ts';

/**
 * Deletes what was said in the conversation, which stays the person's one with the agent and begins anew with the agent as it is
 * now. Throws what the engine throws; the same may be asked again then.
 */
export async function emptyPortalConversation(
  api: Pick<ApiContext, 'db' | 'engine' | 'portalAgents'>,
  { id, tenantId, agent }: PortalRow,
  by: By,
): Promise<void> {
  const setup = portalSetup(await api.portalAgents.get(tenantId, agent.id));
  await api.engine.reset({ tenantId, conversationId: id }, setup).catch(unlessNothingWasSaid);
  await addAudit(api.db, {
    ...by,
    tenantId,
    action: 'portal_conversation.emptied',
    target: `conversation/${id}`,
  });
}

/** The engine knows a conversation from its first message on. */
function unlessNothingWasSaid(error: unknown): void {
  if (!(error instanceof CodedError && error.code === 'conversation_not_found')) throw error;
}

import { and, eq } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import type { AgentRow } from './agentRow.ts';

/**
 * Deletes an agent, which is given as it was. Undefined when the tenant has none such; throws `conflict` while people have
 * conversations with it: it can be switched off.
 */
export async function deleteAgent(
  db: Db,
  { tenantId, agentId }: { tenantId: string; agentId: string },
  by: By,
): Promise<AgentRow | undefined> {
  const deleting = withTenant(db, tenantId, async (tx) => {
    const [agent] = await tx
      .delete(aiAgents)
      .where(and(eq(aiAgents.tenantId, tenantId), eq(aiAgents.id, agentId)))
      .returning();
    if (!agent) return undefined;
    await insertAudit(tx, { ...by, tenantId, action: 'ai_agent.deleted', target: `ai_agent/${agentId}` });
    return agent;
  });
  return explainRefusal(deleting, { referenced: 'The agent has conversations; switch it off instead.' });
}

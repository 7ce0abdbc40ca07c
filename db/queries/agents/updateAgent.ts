import { and, eq, sql } from 'drizzle-orm';
import type { AiAgentPatch } from '../../../contracts/aiAgent.ts';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { AGENT_REFUSALS, type AgentRow } from './agentRow.ts';

/**
 * Replaces the fields that are given. Undefined when the tenant has no such agent; throws `conflict` for a slug that is taken
 * and a flow that does not exist.
 */
export async function updateAgent(
  db: Db,
  { tenantId, agentId }: { tenantId: string; agentId: string },
  changes: AiAgentPatch,
  by: By,
): Promise<AgentRow | undefined> {
  const updating = withTenant(db, tenantId, async (tx) => {
    const [agent] = await tx
      .update(aiAgents)
      .set({ ...changes, updatedAt: sql`now()` })
      .where(and(eq(aiAgents.tenantId, tenantId), eq(aiAgents.id, agentId)))
      .returning();
    if (!agent) return undefined;
    const data = { fields: Object.keys(changes) };
    await insertAudit(tx, { ...by, tenantId, action: 'ai_agent.changed', target: `ai_agent/${agentId}`, data });
    return agent;
  });
  return explainRefusal(updating, AGENT_REFUSALS);
}

import { v7 as uuidV7 } from 'uuid';
import type { AiAgentInput } from '../../../contracts/aiAgent.ts';
import type { Db } from '../../createDb.ts';
import { explainRefusal } from '../../explainRefusal.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { withTenant } from '../../withTenant.ts';
import { type By, insertAudit } from '../audit/insertAudit.ts';
import { AGENT_REFUSALS, type AgentRow } from './agentRow.ts';

/** Makes an agent. Throws `conflict` for a slug that is taken and a flow that does not exist. */
export async function createAgent(db: Db, tenantId: string, input: AiAgentInput, by: By): Promise<AgentRow> {
  const creating = withTenant(db, tenantId, async (tx) => {
    const [agent] = await tx
      .insert(aiAgents)
      .values({ ...input, tenantId, id: uuidV7() })
      .returning();
    if (!agent) throw new Error('The agent was not inserted');
    await insertAudit(tx, { ...by, tenantId, action: 'ai_agent.created', target: `ai_agent/${agent.id}` });
    return agent;
  });
  return explainRefusal(creating, AGENT_REFUSALS);
}

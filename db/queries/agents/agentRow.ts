import type { AiAgentView } from '../../../contracts/aiAgent.ts';
import type { aiAgents } from '../../schema/aiAgents.ts';

export type AgentRow = typeof aiAgents.$inferSelect;

/** What a constraint's refusal means. */
export const AGENT_REFUSALS = { taken: 'Another agent has this slug.', referenced: 'There is no such flow.' };

/** An agent as the admin API shows it. */
export function toAgentView({ tenantId: _tenantId, createdAt, updatedAt, ...row }: AgentRow): AiAgentView {
  return { ...row, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

import type { ConversationSetup } from '../../contracts/conversation.ts';
import { CodedError } from '../../contracts/errors.ts';
import { conversationSettingsSchema } from '../../contracts/site.ts';
import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../../db/createDb.ts';
import { type Agent, loadAgent } from '../../db/queries/agents/loadAgent.ts';
import { StaleCache } from '../edge/staleCache.ts';

/** How late an instance sees that an agent was changed or a tenant suspended; with the loading, under 5 s. */
const FRESH_MS = 2_000;
const PATIENCE_MS = 300;
const MAX_AGENTS = 1_000;

const SECONDS_A_DAY = 24 * 3_600;
/** A person's standing conversation is not hurried; but what is never closed would never be deleted. */
const IDLE_CLOSE_SECONDS = 30 * SECONDS_A_DAY;

/** What the portal knows of the tenants' agents: seconds old at most, older while the database is out of reach. */
export interface PortalAgents {
  /** `agent` is an id or a slug. Throws `agent_unknown`, `tenant_suspended`, or `forbidden` where the tenant has no portal. */
  get(tenantId: string, agent: string): Promise<Agent>;
}

export function createPortalAgents(db: Db, environment: Environment): PortalAgents {
  const agents = new StaleCache({
    freshMs: FRESH_MS,
    patienceMs: PATIENCE_MS,
    maxEntries: MAX_AGENTS,
    load: (key) => loadAgent(db, { ...partsOf(key), environment }),
  });

  return {
    async get(tenantId, name) {
      const agent = await agents.get(`${tenantId}/${name}`);
      if (!agent) throw new CodedError('agent_unknown', 'There is no such agent.');
      if (agent.tenant.status === 'suspended') throw new CodedError('tenant_suspended', 'This tenant is suspended.');
      if (!agent.tenant.flags.portal) throw new CodedError('forbidden', 'The portal of this tenant is switched off.');
      return agent;
    },
  };
}

function partsOf(key: string): { tenantId: string; agent: string } {
  const [tenantId = '', agent = ''] = key.split('/');
  return { tenantId, agent };
}

/** What a conversation with the agent is opened with. */
export function portalSetup({ id, name, instructions, greeting, flow, tenant }: Agent): ConversationSetup {
  const { settings, flags } = tenant;
  return {
    siteId: null,
    flow,
    agent: { id, name, instructions, greeting },
    claimPolicy: settings.agents.claimPolicy,
    settings: conversationSettingsSchema.parse({
      idleReminderSeconds: null,
      idleCloseSeconds: IDLE_CLOSE_SECONDS,
      retentionSeconds: settings.retention.conversationDays * SECONDS_A_DAY,
      topicPolicy: flags.telegram ? settings.portal.topicPolicy : 'never',
      aiEnabled: flags.ai,
    }),
  };
}

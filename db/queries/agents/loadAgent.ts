import { and, desc, eq, isNotNull, or } from 'drizzle-orm';
import { validate as isUuid } from 'uuid';
import type { ConversationSetup } from '../../../contracts/conversation.ts';
import type { Environment } from '../../../contracts/tenantSettings.ts';
import type { Db } from '../../createDb.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { flowVersions } from '../../schema/flowVersions.ts';
import { tenantSettings } from '../../schema/tenantSettings.ts';
import { tenants } from '../../schema/tenants.ts';
import { withTenant } from '../../withTenant.ts';
import { profileColumns, settingsIn, type TenantProfile, toTenantProfile } from '../settings/tenantProfile.ts';
import type { AgentRow } from './agentRow.ts';

/** An agent with its tenant's settings, and the newest published version of its flow. */
export interface Agent extends AgentRow {
  flow: ConversationSetup['flow'];
  tenant: TenantProfile;
}

export interface AgentQuery {
  tenantId: string;
  /** Its id or its slug. */
  agent: string;
  environment: Environment;
}

/** Undefined when the tenant has no such agent. */
export async function loadAgent(db: Db, { tenantId, agent, environment }: AgentQuery): Promise<Agent | undefined> {
  const named = eq(aiAgents.slug, agent);
  const [row] = await withTenant(db, tenantId, (tx) =>
    tx
      .select({
        agent: aiAgents,
        profile: profileColumns,
        version: flowVersions.version,
        definition: flowVersions.definition,
      })
      .from(aiAgents)
      .innerJoin(tenants, eq(tenants.id, aiAgents.tenantId))
      .leftJoin(tenantSettings, settingsIn(environment))
      .leftJoin(
        flowVersions,
        and(
          eq(flowVersions.tenantId, aiAgents.tenantId),
          eq(flowVersions.flowId, aiAgents.flowId),
          isNotNull(flowVersions.publishedAt),
        ),
      )
      .where(and(eq(aiAgents.tenantId, tenantId), isUuid(agent) ? or(eq(aiAgents.id, agent), named) : named))
      .orderBy(desc(flowVersions.version))
      .limit(1),
  );
  if (!row) return undefined;
  const { version, definition } = row;
  const { flowId } = row.agent;
  const flow = flowId && version && definition ? { id: flowId, version, definition } : null;
  return { ...row.agent, flow, tenant: toTenantProfile(row.profile) };
}

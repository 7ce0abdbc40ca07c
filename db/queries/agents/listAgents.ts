import { and, asc, eq, gt } from 'drizzle-orm';
import type { Db } from '../../createDb.ts';
import { aiAgents } from '../../schema/aiAgents.ts';
import { withTenant } from '../../withTenant.ts';
import type { AgentRow } from './agentRow.ts';

/** At most `limit` of the tenant's agents after `after`, in the order of their ids. */
export async function listAgents(
  db: Db,
  tenantId: string,
  { after, limit }: { after?: string; limit: number },
): Promise<AgentRow[]> {
  return withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(aiAgents)
      .where(and(eq(aiAgents.tenantId, tenantId), after === undefined ? undefined : gt(aiAgents.id, after)))
      .orderBy(asc(aiAgents.id))
      .limit(limit),
  );
}

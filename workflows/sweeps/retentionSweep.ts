import { ActivityFailure, continueAsNew, proxyActivities } from '@temporalio/workflow';
import { type RetentionActivities, UPKEEP_TASK_QUEUE } from '../../contracts/upkeep.ts';

/** A page of tenants is one run: some 600 events. */
const TENANTS = 100;
const HISTORIES = 200;

/** A bad tenant must not keep the others from being swept: it is tried again tomorrow. */
const { listTenants, sweepTenant, deleteEndedHistories } = proxyActivities<RetentionActivities>({
  taskQueue: UPKEEP_TASK_QUEUE,
  startToCloseTimeout: '30m',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '5s', maximumInterval: '5m', maximumAttempts: 20 },
});

/** Where a sweep goes on: behind the tenant `after`, null for the first. */
export interface SweepPosition {
  after: string | null;
}

/**
 * Removes what the tenants' days are over for, tenant by tenant, then the histories of conversations that were purged. The
 * conversations themselves keep their own time.
 */
export async function retentionSweep({ after }: SweepPosition = { after: null }): Promise<void> {
  const tenantIds = await listTenants({ after, limit: TENANTS });
  for (const tenantId of tenantIds) await sweepTenant({ tenantId }).catch(ignoreUntilTomorrow);
  const last = tenantIds.at(-1);
  if (last !== undefined && tenantIds.length === TENANTS) await continueAsNew<typeof retentionSweep>({ after: last });
  while ((await deleteEndedHistories({ limit: HISTORIES })) > 0);
}

function ignoreUntilTomorrow(error: unknown): void {
  if (!(error instanceof ActivityFailure)) throw error;
}

import type { BaseLogger } from 'pino';
import type { Environment } from '../../contracts/tenantSettings.ts';
import type { RetentionActivities, SweptTenant } from '../../contracts/upkeep.ts';
import type { Db } from '../../db/createDb.ts';
import { deleteNotices } from '../../db/queries/retention/deleteNotices.ts';
import { deleteSilentSessions } from '../../db/queries/retention/deleteSilentSessions.ts';
import { deleteTelemetry } from '../../db/queries/retention/deleteTelemetry.ts';
import { deleteWebhookRecords } from '../../db/queries/retention/deleteWebhookRecords.ts';
import { forgetAddresses } from '../../db/queries/retention/forgetAddresses.ts';
import { getTenantProfile } from '../../db/queries/settings/getTenantProfile.ts';
import { listTenantIds } from '../../db/queries/tenants/listTenantIds.ts';
import type { FileStorage } from '../../storage/port.ts';
import type { ConversationRuns } from '../erasure/conversationRuns.ts';
import { deleteRuns } from '../erasure/deleteRuns.ts';
import { whileHeartbeating } from '../whileHeartbeating.ts';
import { sweepUnattached } from './sweepUnattached.ts';

export interface RetentionDependencies {
  db: Db;
  runs: ConversationRuns;
  storage: Pick<FileStorage, 'remove'>;
  /** Whose settings of the tenants hold here. */
  environment: Environment;
  logger: Pick<BaseLogger, 'info'>;
}

const HEARTBEAT_EVERY_MS = 3_000;

/** Rows of one transaction: some milliseconds, so nobody waits for the locks. */
const BATCH = 1_000;

const DAY_MS = 24 * 3_600_000;

/**
 * A conversation that ended is left alone for that long: its tokens (10 minutes) have ended before its id can be used again,
 * and an erasure of it has counted its runs.
 */
const LEAVE_ENDED_MS = 3_600_000;

/** What a group was told holds nothing of a person; it is kept for whoever looks into an outage. */
const NOTICE_DAYS = 30;

const NOTHING_SWEPT: SweptTenant = {
  telemetryEvents: 0,
  addresses: 0,
  silentSessions: 0,
  webhookRecords: 0,
  files: 0,
  notices: 0,
};

type Sweep = (db: Db, tenantId: string, before: Date, limit: number) => Promise<number>;

/** The steps of the daily sweep: what a tenant's days are over for, and histories that nobody needs any more. */
export function createRetentionActivities({
  db,
  runs,
  storage,
  environment,
  logger,
}: RetentionDependencies): RetentionActivities {
  /** In batches, each a transaction of its own. */
  async function sweepAll(sweep: Sweep, tenantId: string, before: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const swept = await sweep(db, tenantId, before, BATCH);
      total += swept;
      if (swept < BATCH) return total;
    }
  }

  /** Who never wrote has left nothing but what a widget sees. */
  async function sweepSilentSessions(tenantId: string, before: Date): Promise<number> {
    let total = 0;
    let after: string | undefined;
    do {
      const { deleted, last } = await deleteSilentSessions(db, tenantId, { before, after, limit: BATCH });
      total += deleted;
      after = last;
    } while (after);
    return total;
  }

  return {
    listTenants: ({ after, limit }) => listTenantIds(db, { after: after ?? undefined, limit }),

    sweepTenant: ({ tenantId }) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        const profile = await getTenantProfile(db, tenantId, environment);
        if (!profile) return NOTHING_SWEPT;
        const { telemetryDays, ipDays, webhookDays } = profile.settings.retention;
        const swept = {
          telemetryEvents: await sweepAll(deleteTelemetry, tenantId, daysAgo(telemetryDays)),
          addresses: await sweepAll(forgetAddresses, tenantId, daysAgo(ipDays)),
          // Who never wrote has left nothing but what a widget sees.
          silentSessions: await sweepSilentSessions(tenantId, daysAgo(telemetryDays)),
          webhookRecords: await sweepAll(deleteWebhookRecords, tenantId, daysAgo(webhookDays)),
          files: await sweepUnattached(db, tenantId, storage),
          notices: await sweepAll(deleteNotices, tenantId, daysAgo(NOTICE_DAYS)),
        };
        logger.info({ tenant_id: tenantId, ...swept }, 'a tenant was swept');
        return swept;
      }),

    deleteEndedHistories: ({ limit }) =>
      whileHeartbeating(HEARTBEAT_EVERY_MS, async () => {
        const ended = await runs.listEnded(new Date(Date.now() - LEAVE_ENDED_MS), limit);
        let deleted = 0;
        for (const ref of ended) {
          const runIds = await runs.listRuns(ref);
          await deleteRuns(runs, ref, runIds);
          // The list may be late and name what is gone already.
          if (runIds.length > 0) deleted += 1;
        }
        return deleted;
      }),
  };
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * DAY_MS);
}

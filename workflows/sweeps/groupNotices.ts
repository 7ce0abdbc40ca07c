import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { NoticeActivities, NoticePage } from '../../contracts/notices.ts';

const { findNotices } = proxyActivities<NoticeActivities>({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 5 },
});

/** What is not told within the minute waits for the next: a group that has to pause must not hold up the others. */
const { tellGroup } = proxyActivities<NoticeActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '50s',
  retry: { initialInterval: '2s', maximumInterval: '20s' },
});

/** Finds what General topics are to be told, and tells it. Started by its schedule. */
export async function groupNotices(): Promise<void> {
  let after: string | null = null;
  do {
    const page: NoticePage = await findNotices({ after });
    await Promise.all(page.tenantIds.map((tenantId) => tellGroup({ tenantId }).catch(leaveToTheNext)));
    after = page.after;
  } while (after !== null);
}

function leaveToTheNext(error: unknown): void {
  if (!(error instanceof ActivityFailure)) throw error;
}

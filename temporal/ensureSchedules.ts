import { type Client, ScheduleAlreadyRunning, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { CONVERSATION_TASK_QUEUE } from '../contracts/workflowId.ts';

/** The sweep of what tenants' retention days are over for: every night, one for the installation. */
export const RETENTION_SCHEDULE = 'parley-retention-sweep';

const retentionSchedule = {
  scheduleId: RETENTION_SCHEDULE,
  spec: { calendars: [{ hour: 3, minute: 20 }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'retentionSweep',
    workflowId: RETENTION_SCHEDULE,
    taskQueue: CONVERSATION_TASK_QUEUE,
    args: [],
  },
  // After an outage one sweep catches up with all that were missed.
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
} as const satisfies ScheduleOptions;

/** Makes the installation's schedules what they are here; whichever worker comes first makes them, the others change nothing. */
export async function ensureSchedules({ schedule }: Client): Promise<void> {
  try {
    await schedule.create(retentionSchedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    // An operator may have paused it: that stays.
    await schedule.getHandle(RETENTION_SCHEDULE).update(({ state }) => ({ ...retentionSchedule, state }));
  }
}

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

const WEBHOOK_SCHEDULE = 'parley-webhook-sweep';

/** What bounds how late an event is after a worker's death. */
const webhookSchedule = {
  scheduleId: WEBHOOK_SCHEDULE,
  spec: { intervals: [{ every: '1 minute' }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'webhookSweep',
    workflowId: WEBHOOK_SCHEDULE,
    taskQueue: CONVERSATION_TASK_QUEUE,
    args: [],
  },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
} as const satisfies ScheduleOptions;

const NOTICES_SCHEDULE = 'parley-group-notices';

/** How late an alert may be. A minute that was missed is made up for by the next. */
const noticesSchedule = {
  scheduleId: NOTICES_SCHEDULE,
  spec: { intervals: [{ every: '1 minute' }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'groupNotices',
    workflowId: NOTICES_SCHEDULE,
    taskQueue: CONVERSATION_TASK_QUEUE,
    args: [],
  },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
} as const satisfies ScheduleOptions;

/** Makes the installation's schedules what they are here; whichever worker comes first makes them, the others change nothing. */
export async function ensureSchedules({ schedule }: Client): Promise<void> {
  for (const wanted of [retentionSchedule, webhookSchedule, noticesSchedule]) {
    try {
      await schedule.create(wanted);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      // An operator may have paused it: that stays.
      await schedule.getHandle(wanted.scheduleId).update(({ state }) => ({ ...wanted, state }));
    }
  }
}

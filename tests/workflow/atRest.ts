import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { until } from './until.ts';

const { EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EVENT_TYPE_WORKFLOW_TASK_STARTED, EVENT_TYPE_WORKFLOW_TASK_COMPLETED } =
  proto.temporal.api.enums.v1.EventType;
const TASK_EVENTS: number[] = [
  EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
];
const SCHEDULED = proto.temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;
type PendingActivity = proto.temporal.api.workflow.v1.IPendingActivityInfo;

/** Resolves when no task of the conversation is under way. */
export async function decided(handle: WorkflowHandle): Promise<void> {
  await until(async () => hasDecided(await handle.fetchHistory()), 'the end of the task');
}

/** Resolves when no task and no activity of the conversation is under way. */
export async function atRest(handle: WorkflowHandle): Promise<void> {
  await until(() => isAtRest(handle), 'the conversation at rest');
}

/** Between two looks at the history nothing may happen: an activity that ends starts a task, and a task starts activities. */
async function isAtRest(handle: WorkflowHandle): Promise<boolean> {
  const before = await handle.fetchHistory();
  if (!hasDecided(before) || !(await hasNoActivity(handle))) return false;
  const after = await handle.fetchHistory();
  return after.events?.length === before.events?.length;
}

/** Whether no task is in flight at the end of this history. */
export function hasDecided({ events }: proto.temporal.api.history.v1.IHistory): boolean {
  const lastTask = events?.findLast(({ eventType }) => eventType && TASK_EVENTS.includes(eventType));
  return lastTask?.eventType === EVENT_TYPE_WORKFLOW_TASK_COMPLETED;
}

async function hasNoActivity(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  const waitsForRetry = ({ state, attempt }: PendingActivity) => state === SCHEDULED && (attempt ?? 0) > 1;
  return (raw.pendingActivities ?? []).every(waitsForRetry);
}

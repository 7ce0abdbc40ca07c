import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  AiActivities,
  DeliveryActivities,
  FileActivities,
  LifecycleActivities,
  RecordActivities,
} from '../../contracts/activities.ts';
import { AI_TASK_QUEUE } from '../../contracts/workflowId.ts';

/** Every activity of a conversation; `fairnessKey` keeps one tenant's flood from starving the others. */
export type Activities = ReturnType<typeof conversationActivities>;

export function conversationActivities(tenantId: string) {
  const priority = { fairnessKey: tenantId };
  return {
    // Local: a regular activity adds two transfer hops (100 ms instead of 9 ms was measured). One try that ends before the
    // workflow task is heartbeated (0.8 s): what happens during a longer one comes in another order when it is replayed.
    record: proxyLocalActivities<RecordActivities>({
      scheduleToCloseTimeout: '700ms',
      retry: { maximumAttempts: 1 },
      summary: 'Record the turn and publish it',
    }),
    // After that try failed: repeated by the server, without end, so a dead database costs no workflow tasks. The coefficient
    // bounds what is waited once the database is back to half of its absence.
    recordLater: proxyActivities<RecordActivities>({
      startToCloseTimeout: '10s',
      retry: { initialInterval: '200ms', backoffCoefficient: 1.5, maximumInterval: '15s' },
      priority,
      summary: 'Record the turn once the database is back',
    }),
    // Flood control answers with nextRetryDelay; the few attempts bound how long continue-as-new waits for one delivery.
    delivery: proxyActivities<DeliveryActivities>({
      startToCloseTimeout: '60s',
      heartbeatTimeout: '10s',
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 5 },
      priority,
      summary: 'Deliver to the topic',
    }),
    // What an agent says after a file waits for it: some minutes of a Telegram or a storage that is away, then the agent is
    // told. A download that is being stopped is given up; the next run finds what it stored.
    files: proxyActivities<FileActivities>({
      startToCloseTimeout: '2m',
      scheduleToCloseTimeout: '6m',
      heartbeatTimeout: '10s',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
      priority,
      summary: 'Fetch files from Telegram',
    }),
    // Three tries of a streamed answer, then the safe copy and a person: a visitor does not wait longer.
    ai: proxyActivities<AiActivities>({
      taskQueue: AI_TASK_QUEUE,
      startToCloseTimeout: '90s',
      scheduleToCloseTimeout: '3m',
      heartbeatTimeout: '10s',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 },
      priority,
      summary: 'Answer with AI',
    }),
    // Deleting may wait for a database, as long as it takes.
    lifecycle: proxyActivities<LifecycleActivities>({
      startToCloseTimeout: '60s',
      retry: { initialInterval: '1s', maximumInterval: '5m' },
      priority,
      summary: 'Delete what was said',
    }),
  };
}

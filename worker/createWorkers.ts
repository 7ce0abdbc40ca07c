import type { PayloadCodec } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type {
  AiActivities,
  DeliveryActivities,
  LifecycleActivities,
  RecordActivities,
} from '../contracts/activities.ts';
import type { NoticeActivities } from '../contracts/notices.ts';
import { type ErasureActivities, type RetentionActivities, UPKEEP_TASK_QUEUE } from '../contracts/upkeep.ts';
import { WEBHOOK_TASK_QUEUE, type WebhookActivities } from '../contracts/webhookDelivery.ts';
import { AI_TASK_QUEUE, CONVERSATION_TASK_QUEUE } from '../contracts/workflowId.ts';
import { sealedConverter } from '../temporal/sealedConverter.ts';
import { workflowBundle } from './workflowBundle.ts';

export interface WorkerSetup {
  connection: NativeConnection;
  namespace: string;
  codec: PayloadCodec;
  activities: RecordActivities & DeliveryActivities & LifecycleActivities;
  ai: AiActivities;
  /** Erasures and sweeps; a process without them leaves those to others. */
  upkeep?: ErasureActivities & RetentionActivities;
  /** What General topics are told; a process without them leaves it to others. */
  notices?: NoticeActivities;
  /** Deliveries to tenants' endpoints; a process without them leaves those to others. */
  webhooks?: WebhookActivities;
  /** Conversations kept in memory; one that is too small collapses throughput. */
  cacheSize: number;
  /** Local activities at once; more than the database's connections only wait for one. */
  localActivities: number;
}

/** How conversations are worked on, for few cores and many quick workflow tasks. */
export const CONVERSATION_WORKER = {
  // A killed worker stalls its conversations for this long instead of 10 s. A busy one must not be taken for dead too often: with
  // two to four times as much under way as saturates it, it answered no less than with 1 s (docs/benchmarks.md).
  stickyQueueScheduleToStartTimeout: '700ms',
  reuseV8Context: true,
  workflowThreadPoolSize: 1,
  maxConcurrentWorkflowTaskPolls: 20,
  // A poll holds a place, and nine in ten polls are for conversations in memory: so 2 others at once are begun, or replayed
  // after another worker's death. A replay takes about 1 ms of processor time an event: 100 at once slowed each other down
  // until none ended within its task's second, and all began anew.
  maxConcurrentWorkflowTaskExecutions: 20,
  nonStickyToStickyPollRatio: 0.1,
} as const;

/** Erasures and sweeps take their time: they must not take all of the database's. */
const UPKEEP_AT_ONCE = 4;

/**
 * Endpoints that are served at once. A request waits for somebody else's server and costs next to nothing meanwhile; one that
 * hangs takes a place of its own tenant's, as tenants take turns.
 */
const WEBHOOKS_AT_ONCE = 100;

/** The workers of a process: conversations, and on queues of their own, as they are slow, AI answers, webhooks and upkeep. */
export async function createWorkers(setup: WorkerSetup): Promise<Worker[]> {
  const { connection, namespace, codec, activities, ai, upkeep, notices, webhooks, cacheSize, localActivities } = setup;
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter: sealedConverter(codec),
    shutdownGraceTime: '5s',
    shutdownForceTime: '8s',
  };
  const conversations = await Worker.create({
    ...common,
    ...CONVERSATION_WORKER,
    taskQueue: CONVERSATION_TASK_QUEUE,
    workflowBundle: { codePath: await workflowBundle() },
    activities: { ...activities, ...notices },
    maxCachedWorkflows: cacheSize,
    maxConcurrentLocalActivityExecutions: localActivities,
  });
  const answers = await Worker.create({
    ...common,
    taskQueue: AI_TASK_QUEUE,
    activities: { ...ai },
    // A claim has to silence the AI at once; the default lets a cancellation wait for 8 s.
    maxHeartbeatThrottleInterval: '1s',
  });
  const workers = [conversations, answers];
  if (webhooks) {
    const sender = await Worker.create({
      ...common,
      taskQueue: WEBHOOK_TASK_QUEUE,
      activities: { ...webhooks },
      maxConcurrentActivityTaskExecutions: WEBHOOKS_AT_ONCE,
    });
    workers.push(sender);
  }
  if (upkeep) {
    const keeper = await Worker.create({
      ...common,
      taskQueue: UPKEEP_TASK_QUEUE,
      activities: { ...upkeep },
      maxConcurrentActivityTaskExecutions: UPKEEP_AT_ONCE,
      maxConcurrentActivityTaskPolls: 2,
    });
    workers.push(keeper);
  }
  return workers;
}

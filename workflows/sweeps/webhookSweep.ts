import { proxyActivities } from '@temporalio/workflow';
import { WEBHOOK_TASK_QUEUE, type WebhookActivities, type WebhookRef } from '../../contracts/webhookDelivery.ts';

const PAGE = 200;

const { wakeOverdue } = proxyActivities<WebhookActivities>({
  taskQueue: WEBHOOK_TASK_QUEUE,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** Wakes the endpoints with something due of which nobody was told, because a worker died between a turn and the signal. */
export async function webhookSweep(): Promise<void> {
  let after: WebhookRef | null = null;
  do after = await wakeOverdue({ after, limit: PAGE });
  while (after !== null);
}

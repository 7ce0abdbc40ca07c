import {
  ActivityFailure,
  condition,
  continueAsNew,
  proxyActivities,
  type RetryPolicy,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { WEBHOOK_TASK_QUEUE, type WebhookActivities, type WebhookRef } from '../../contracts/webhookDelivery.ts';
import { wakeSignal } from './messages.ts';

/**
 * Delivers to one endpoint for as long as anything is pending there; what and when is in the database. One that is dead waits
 * here by itself, and no other endpoint with it. Whoever adds something wakes it, or starts it again.
 */
export async function webhook(ref: WebhookRef): Promise<void> {
  const { deliverDue } = webhookActivities(ref.tenantId, {});
  // A mail server that is down must not hold the workflow: the sweep wakes it for another try.
  const { announceDisabled } = webhookActivities(ref.tenantId, { maximumAttempts: 3 });
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  for (;;) {
    woken = false;
    const { nextAt, noticeDue } = await deliverDue({ ...ref, now: Date.now() });
    if (noticeDue) await announceDisabled(ref).catch(ignoreFailure);
    // A signal that comes after this has the server ask again, so none is lost.
    if (nextAt === null && !woken) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhook>(ref);
    const pause = nextAt === null ? 0 : nextAt - Date.now();
    if (pause > 0) await condition(() => woken, pause);
  }
}

function webhookActivities(tenantId: string, retry: RetryPolicy) {
  return proxyActivities<WebhookActivities>({
    taskQueue: WEBHOOK_TASK_QUEUE,
    startToCloseTimeout: '5m',
    heartbeatTimeout: '10s',
    // Without end by default: a receiver's failure is no failure here, only the database's is.
    retry: { initialInterval: '1s', maximumInterval: '1m', ...retry },
    // When places run short, tenants take turns.
    priority: { fairnessKey: tenantId },
  });
}

function ignoreFailure(error: unknown): void {
  if (!(error instanceof ActivityFailure)) throw error;
}

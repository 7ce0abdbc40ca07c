import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type WebhookRef, webhookWorkflowId } from '../contracts/webhookDelivery.ts';
import { CONVERSATION_TASK_QUEUE } from '../contracts/workflowId.ts';
import { TENANT_ID } from '../workflows/conversation/searchAttributes.ts';
import { WEBHOOK_WORKFLOW, wakeSignal } from '../workflows/webhooks/messages.ts';

/** Of what happens at one endpoint meanwhile, one signal tells. */
const PAUSE_MS = 200;

/** Resolves once it is durable that the endpoint's workflow looks for what is due. */
export async function wakeWebhook({ workflow }: Client, ref: WebhookRef): Promise<void> {
  await workflow.signalWithStart(WEBHOOK_WORKFLOW, {
    workflowId: webhookWorkflowId(ref),
    taskQueue: CONVERSATION_TASK_QUEUE,
    args: [ref],
    signal: wakeSignal,
    priority: { fairnessKey: ref.tenantId },
    typedSearchAttributes: [{ key: TENANT_ID, value: ref.tenantId }],
    staticSummary: `Webhook endpoint ${ref.endpointId}`,
  });
}

/**
 * Wakes endpoints without letting anybody wait: a burst becomes a few signals, and what cannot be sent is left to the sweep,
 * which finds what is due in the database; `onMissed` is told.
 */
export function createWebhookWaker(client: Client, onMissed?: (ref: WebhookRef) => void): (ref: WebhookRef) => void {
  const again = new Map<string, boolean>();

  async function wakeWhileAsked(key: string, ref: WebhookRef): Promise<void> {
    try {
      // What is due was committed before it was asked for, so a signal that is sent from here on finds it.
      while (again.get(key)) {
        again.set(key, false);
        await wakeWebhook(client, ref);
        await sleep(PAUSE_MS, undefined, { ref: false });
      }
    } catch {
      onMissed?.(ref);
    } finally {
      again.delete(key);
    }
  }

  return (ref) => {
    const key = webhookWorkflowId(ref);
    const underWay = again.has(key);
    again.set(key, true);
    if (!underWay) void wakeWhileAsked(key, ref);
  };
}

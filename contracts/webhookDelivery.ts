/** Task queue of deliveries to tenants' endpoints: others' servers, as slow as they like, and never in a visitor's way. */
export const WEBHOOK_TASK_QUEUE = 'parley-webhooks';

/** An endpoint's two halves of identity; both are UUIDs in lower case. */
export interface WebhookRef {
  tenantId: string;
  endpointId: string;
}

/** The id of the workflow that delivers to an endpoint: one at a time, so that no endpoint gets more at once than it may. */
export function webhookWorkflowId({ tenantId, endpointId }: WebhookRef): string {
  return `webhook/${tenantId}/${endpointId}`;
}

/** `now` is epoch milliseconds by the workflow's clock, which decides what is due. */
export interface DeliverDueInput extends WebhookRef {
  now: number;
}

export interface DeliverDueResult {
  /** When the next attempt is due, epoch milliseconds; null when nothing is pending. */
  nextAt: number | null;
  /** The endpoint was disabled and nobody was told of it yet. */
  noticeDue: boolean;
}

/** The steps of deliveries, each idempotent. Arguments and results go into a history in clear: ids and moments. */
export interface WebhookActivities {
  /** Attempts what is due, a batch at most. Killed in the middle, what was not noted down is attempted again. */
  deliverDue(input: DeliverDueInput): Promise<DeliverDueResult>;
  /** Tells the tenant's administrators that their endpoint was disabled. */
  announceDisabled(ref: WebhookRef): Promise<void>;
  /** Wakes the endpoints that have something due or to tell, a page behind `after`. Returns the last one, null at the end. */
  wakeOverdue(input: { after: WebhookRef | null; limit: number }): Promise<WebhookRef | null>;
}

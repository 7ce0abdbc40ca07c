import { defineSignal } from '@temporalio/workflow';

/** The name under which the workflow of an endpoint is registered. */
export const WEBHOOK_WORKFLOW = 'webhook';

/** Something is due. */
export const wakeSignal = defineSignal('wake');

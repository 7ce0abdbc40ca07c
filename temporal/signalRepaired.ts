import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type ConversationRef, conversationWorkflowId } from '../contracts/workflowId.ts';
import { channelRepairedSignal } from '../workflows/conversation/messages.ts';

/** Tells a conversation that its channel works again. One that Temporal does not know any more needs no telling. */
export async function signalRepaired({ workflow }: Client, ref: ConversationRef): Promise<void> {
  try {
    await workflow.getHandle(conversationWorkflowId(ref)).signal(channelRepairedSignal);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

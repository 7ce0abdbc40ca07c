import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { type ConversationRef, conversationWorkflowId, parseConversationWorkflowId } from '../contracts/workflowId.ts';
import { CONVERSATION_WORKFLOW, endSignal } from '../workflows/conversation/messages.ts';

const { WORKFLOW_EXECUTION_STATUS_RUNNING } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

/** The runs of conversations' workflows, for whoever erases them. What Temporal does not know is gone: no error. */
export function createConversationRuns({ connection, workflow, options: { namespace } }: Client) {
  const { workflowService } = connection;

  async function describe(ref: ConversationRef, runId?: string) {
    const execution = { workflowId: conversationWorkflowId(ref), runId };
    const described = await unlessGone(workflowService.describeWorkflowExecution({ namespace, execution }));
    return described?.workflowExecutionInfo ?? undefined;
  }

  /** The run that this one continues; undefined for the first one, and when the history is gone. */
  async function runBefore(ref: ConversationRef, runId: string): Promise<string | undefined> {
    const execution = { workflowId: conversationWorkflowId(ref), runId };
    const request = { namespace, execution, maximumPageSize: 1 };
    const history = await unlessGone(workflowService.getWorkflowExecutionHistory(request));
    const started = history?.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    return started?.continuedExecutionRunId || undefined;
  }

  return {
    async requestEnd(ref: ConversationRef): Promise<void> {
      await unlessGone(workflow.getHandle(conversationWorkflowId(ref)).signal(endSignal));
    },

    async isOpen(ref: ConversationRef): Promise<boolean> {
      return (await describe(ref))?.status === WORKFLOW_EXECUTION_STATUS_RUNNING;
    },

    async terminate(ref: ConversationRef): Promise<void> {
      await unlessGone(workflow.getHandle(conversationWorkflowId(ref)).terminate('erased'));
    },

    async listRuns(ref: ConversationRef): Promise<string[]> {
      const runIds: string[] = [];
      let runId = (await describe(ref))?.execution?.runId ?? undefined;
      while (runId) {
        runIds.push(runId);
        runId = await runBefore(ref, runId);
      }
      // The server may have forgotten the earliest by itself; what it names is not there then.
      const last = runIds.at(-1);
      if (last !== undefined && !(await describe(ref, last))) runIds.pop();
      return runIds;
    },

    async deleteRun(ref: ConversationRef, runId: string): Promise<void> {
      const workflowExecution = { workflowId: conversationWorkflowId(ref), runId };
      await unlessGone(workflowService.deleteWorkflowExecution({ namespace, workflowExecution }));
    },

    async isKept(ref: ConversationRef, runId: string): Promise<boolean> {
      return (await describe(ref, runId)) !== undefined;
    },

    async listEnded(before: Date, limit: number): Promise<ConversationRef[]> {
      const query = `WorkflowType = '${CONVERSATION_WORKFLOW}' AND ExecutionStatus = 'Completed' AND CloseTime < '${before.toISOString()}'`;
      const { executions } = await workflowService.listWorkflowExecutions({ namespace, query, pageSize: limit });
      return (executions ?? []).flatMap(({ execution }) => {
        const ref = parseConversationWorkflowId(execution?.workflowId ?? '');
        return ref ? [ref] : [];
      });
    },
  };
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === NOT_FOUND))
      return undefined;
    throw error;
  }
}

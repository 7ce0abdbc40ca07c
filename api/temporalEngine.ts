import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  NamespaceNotFoundError,
  type SearchAttributePair,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { type ConversationInput, firstOwnerOf, type VisitorMessageSignal } from '../contracts/conversation.ts';
import { CodedError, ERROR_STATUS, type ErrorCode } from '../contracts/errors.ts';
import { erasureWorkflowId } from '../contracts/upkeep.ts';
import { CONVERSATION_TASK_QUEUE, type ConversationRef, conversationWorkflowId } from '../contracts/workflowId.ts';
import { wakeWebhook } from '../temporal/webhookWaker.ts';
import {
  agentCommandSignal,
  agentEditSignal,
  agentMessageSignal,
  CONVERSATION_WORKFLOW,
  channelRepairedSignal,
  commandUpdates,
  ledgerSignal,
  openSignal,
  rateUpdate,
  resetUpdate,
  statusQuery,
  topicPolicyQuery,
  visitorChangedSignal,
  visitorMessageSignal,
  visitorSawSignal,
} from '../workflows/conversation/messages.ts';
import * as attributes from '../workflows/conversation/searchAttributes.ts';
import { ERASURE_WORKFLOW } from '../workflows/erasure/messages.ts';
import type { Engine } from './engine.ts';
import { RecentSet } from './recentSet.ts';

/** The SDK repeats a refused connection within this; a visitor's message is answered, yes or no, before 3 s have passed. */
const CALL_DEADLINE_MS = 2_500;
/** Updates and queries wait for a worker, which may have to replay first. */
const WORKER_DEADLINE_MS = 5_000;
const PING_DEADLINE_MS = 1_000;
const RETRY_AFTER_SECONDS = 2;
const MAX_STARTED = 50_000;

/** gRPC codes with which a server that works says no: repeating the same call cannot help. */
const REFUSALS = {
  INVALID_ARGUMENT: 3,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** The engine over Temporal: one workflow a conversation. */
export function createTemporalEngine(client: Client): Engine {
  // Of these conversations another message is a plain signal: the start's input (the whole flow) need not be sent again.
  const started = new RecentSet(MAX_STARTED);
  const handleOf = (ref: ConversationRef) => client.workflow.getHandle(conversationWorkflowId(ref));

  /** Runs the call with a deadline and speaks of its failures in our codes. */
  async function within<T>(deadlineMs: number, call: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    // The SDK may be pausing between two attempts when the deadline passes; what it would send after it never leaves.
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(unavailable('the deadline has passed')), deadlineMs);
    });
    try {
      return await Promise.race([client.withDeadline(Date.now() + deadlineMs, call), late]);
    } catch (error) {
      throw toCodedError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** False when the conversation is not there any more. */
  async function signalStarted(workflowId: string, message: VisitorMessageSignal): Promise<boolean> {
    try {
      await client.workflow.getHandle(workflowId).signal(visitorMessageSignal, message);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      started.delete(workflowId);
      return false;
    }
  }

  return {
    acceptVisitorMessage: (start, message) =>
      within(CALL_DEADLINE_MS, async () => {
        const workflowId = conversationWorkflowId(start);
        if (started.has(workflowId) && (await signalStarted(workflowId, message))) return;
        await client.workflow.signalWithStart(CONVERSATION_WORKFLOW, {
          ...startOptions(start),
          signal: visitorMessageSignal,
          signalArgs: [message],
        });
        started.add(workflowId);
      }),
    openConversation: (start, welcome) =>
      within(CALL_DEADLINE_MS, async () => {
        await client.workflow.signalWithStart(CONVERSATION_WORKFLOW, {
          ...startOptions(start),
          signal: openSignal,
          signalArgs: [{ welcome }],
        });
        started.add(conversationWorkflowId(start));
      }),
    signalAgentMessage: (ref, message) =>
      within(CALL_DEADLINE_MS, () => handleOf(ref).signal(agentMessageSignal, message)),
    signalAgentEdit: (ref, edit) => within(CALL_DEADLINE_MS, () => handleOf(ref).signal(agentEditSignal, edit)),
    signalVisitorSaw: (ref, seen) => within(CALL_DEADLINE_MS, () => handleOf(ref).signal(visitorSawSignal, seen)),
    signalVisitorChanged: (ref) => within(CALL_DEADLINE_MS, () => handleOf(ref).signal(visitorChangedSignal)),
    signalAgentCommand: (ref, command) =>
      within(CALL_DEADLINE_MS, () => handleOf(ref).signal(agentCommandSignal, command)),
    signalChannelRepaired: (ref) => within(CALL_DEADLINE_MS, () => handleOf(ref).signal(channelRepairedSignal)),
    signalLedger: (ref, signal) => within(CALL_DEADLINE_MS, () => handleOf(ref).signal(ledgerSignal, signal)),
    command: (ref, update, id) =>
      within(WORKER_DEADLINE_MS, () =>
        handleOf(ref).executeUpdate(commandUpdates[update.command.name], { args: [update], updateId: id }),
      ),
    async rate(ref, rating) {
      const counted = await within(WORKER_DEADLINE_MS, () =>
        handleOf(ref).executeUpdate(rateUpdate, { args: [{ rating }] }),
      );
      return counted.rating;
    },
    reset: (ref, setup) =>
      within(WORKER_DEADLINE_MS, () => handleOf(ref).executeUpdate(resetUpdate, { args: [{ setup }] })),
    status: (ref) => within(WORKER_DEADLINE_MS, () => handleOf(ref).query(statusQuery)),
    topicPolicy: (ref) => within(WORKER_DEADLINE_MS, () => handleOf(ref).query(topicPolicyQuery)),
    startErasure: (erasure) =>
      within(CALL_DEADLINE_MS, async () => {
        await client.workflow.start(ERASURE_WORKFLOW, {
          workflowId: erasureWorkflowId(erasure),
          taskQueue: CONVERSATION_TASK_QUEUE,
          args: [erasure],
          workflowIdConflictPolicy: 'USE_EXISTING',
          priority: { fairnessKey: erasure.tenantId },
          typedSearchAttributes: [{ key: attributes.TENANT_ID, value: erasure.tenantId }],
        });
      }),
    wakeWebhook: (ref) => within(CALL_DEADLINE_MS, () => wakeWebhook(client, ref)),
    async ping() {
      await within(PING_DEADLINE_MS, () => client.connection.workflowService.getSystemInfo({}));
    },
  };
}

function startOptions(start: ConversationInput) {
  return {
    workflowId: conversationWorkflowId(start),
    taskQueue: CONVERSATION_TASK_QUEUE,
    args: [start],
    // A conversation ends only when it is purged: a token that outlived it must not bring its id back to life.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    // A worker that was killed while it held a task stalls the conversation for this long, instead of 10 s.
    workflowTaskTimeout: '1 second',
    priority: { fairnessKey: start.tenantId },
    typedSearchAttributes: searchAttributes(start),
    staticSummary: summaryOf(start),
  } as const;
}

function summaryOf({ setup }: ConversationInput): string {
  return setup.agent ? `Portal conversation with agent ${setup.agent.id}` : `Web conversation on site ${setup.siteId}`;
}

function searchAttributes({ tenantId, channel, setup }: ConversationInput): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: attributes.TENANT_ID, value: tenantId },
    { key: attributes.CONVERSATION_STATUS, value: 'new' },
    { key: attributes.OWNER, value: firstOwnerOf(setup) },
    { key: attributes.CHANNEL, value: channel },
  ];
  return setup.flow ? [...pairs, { key: attributes.FLOW_ID, value: setup.flow.id }] : pairs;
}

function toCodedError(error: unknown): unknown {
  if (isGone(error)) {
    return new CodedError('conversation_not_found', 'There is no such conversation.', { cause: error });
  }
  if (error instanceof WorkflowUpdateFailedError) return refusalOf(error);
  return isOutOfReach(error) ? unavailable(error) : error;
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('engine_unavailable', 'Conversations cannot be reached at the moment.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}

/** No workflow of that id, or (at signalWithStart) one that has ended for good. */
function isGone(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError;
}

/** A namespace that is not there yet belongs to a server that has only just started. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof NamespaceNotFoundError) return true;
  const code = grpcCodeOf(error);
  return code !== undefined && !Object.values<number>(REFUSALS).includes(code);
}

function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}

/** What the conversation itself said no with: its failure's type is one of our codes. */
function refusalOf(error: WorkflowUpdateFailedError): unknown {
  const failure = error.cause;
  if (!(failure instanceof ApplicationFailure) || !isErrorCode(failure.type)) return error;
  return new CodedError(failure.type, failure.message, { cause: error });
}

function isErrorCode(type: string | null | undefined): type is ErrorCode {
  return typeof type === 'string' && Object.hasOwn(ERROR_STATUS, type);
}

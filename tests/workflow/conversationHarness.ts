import { randomUUID } from 'node:crypto';
import { type Client, type WorkflowHandleWithSignaledRunId, WorkflowNotFoundError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { AiAnswerInput, DeliverInput, RecordTurnInput } from '../../contracts/activities.ts';
import type { ConversationInput, VisitorMessageSignal } from '../../contracts/conversation.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { conversationSettingsSchema } from '../../contracts/site.ts';
import {
  AI_TASK_QUEUE,
  CONVERSATION_TASK_QUEUE,
  type ConversationRef,
  conversationWorkflowId,
} from '../../contracts/workflowId.ts';
import { addSearchAttributes } from '../../temporal/ensureSearchAttributes.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import type { conversation } from '../../workflows/conversation/conversation.ts';
import { visitorMessageSignal } from '../../workflows/conversation/messages.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import { Recorder } from './recorder.ts';

type Settings = Parameters<typeof conversationSettingsSchema.parse>[0];
type Handle = WorkflowHandleWithSignaledRunId<typeof conversation>;

/** A flow with a greeting, a choice and the words that lead to a person. */
export const greetingFlow = flowDefinitionSchema.parse({
  language: 1,
  name: 'Greeting',
  triggers: [
    { on: 'first_message', start: 'hello' },
    { on: 'keyword', keywords: ['human'], start: 'person' },
    { on: 'keyword', keywords: ['bye'], start: 'end' },
    { on: 'keyword', keywords: ['later'], start: 'pause' },
  ],
  steps: {
    hello: { type: 'message', text: 'Hello!' },
    person: { type: 'handover' },
    end: { type: 'close' },
    pause: { type: 'wait', seconds: 600, next: 'afterPause' },
    afterPause: { type: 'message', text: 'Here I am again.' },
  },
});

/** One conversation on the time-skipping server, with a recorder instead of database, Telegram and AI. */
export interface Conversation {
  recorder: Recorder;
  handle: Handle;
  ids: { tenantId: string; conversationId: string };
  say(text: string, clientMessageId?: string): Promise<void>;
}

export interface Harness {
  env: TestWorkflowEnvironment;
  client: Client;
  /** Starts a conversation with its first message, runs `test`, and ends it. */
  withConversation(
    options: { settings?: Settings; flow?: typeof greetingFlow | null; recorder?: Recorder; first?: string },
    test: (conversation: Conversation) => Promise<void>,
  ): Promise<void>;
  stop(): Promise<void>;
}

export async function startHarness(): Promise<Harness> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: inject('testServer') } });
  await addSearchAttributes(env.client);
  const recorders = new Map<string, Recorder>();
  const workers = await startWorkers(env, ({ conversationId }) => {
    const recorder = recorders.get(conversationId);
    if (!recorder) throw new Error('No test owns this conversation');
    return recorder;
  });

  async function withConversation(
    options: Parameters<Harness['withConversation']>[0],
    test: Parameters<Harness['withConversation']>[1],
  ): Promise<void> {
    const { settings = {}, flow = greetingFlow, recorder = new Recorder(), first = 'Hi' } = options;
    const ids = { tenantId: randomUUID(), conversationId: randomUUID() };
    recorders.set(ids.conversationId, recorder);
    const input: ConversationInput<ConversationState> = {
      ...ids,
      channel: 'web',
      visitor: {},
      source: {},
      setup: {
        siteId: randomUUID(),
        flow: flow && { id: randomUUID(), version: 1, definition: flow },
        settings: conversationSettingsSchema.parse(settings),
      },
    };
    const say = async (text: string, clientMessageId: string = randomUUID()): Promise<Handle> => {
      const message: VisitorMessageSignal = { clientMessageId, text, receivedAt: await env.currentTimeMs() };
      return env.client.workflow.signalWithStart<typeof conversation, [VisitorMessageSignal]>('conversation', {
        workflowId: conversationWorkflowId(ids),
        taskQueue: CONVERSATION_TASK_QUEUE,
        args: [input],
        signal: visitorMessageSignal,
        signalArgs: [message],
      });
    };
    const handle = await say(first);
    try {
      await test({ recorder, handle, ids, say: async (text, id) => void (await say(text, id)) });
    } finally {
      // Nothing is left to wait for when the test let it run to its end.
      await env.client.workflow.getHandle(handle.workflowId).terminate().catch(ignoreNotFound);
    }
  }

  return {
    env,
    client: env.client,
    withConversation,
    async stop() {
      await workers.stop();
      await env.teardown();
    },
  };
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

async function startWorkers(
  { nativeConnection: connection, namespace }: TestWorkflowEnvironment,
  recorderOf: (ref: ConversationRef) => Recorder,
): Promise<{ stop(): Promise<void> }> {
  const conversations = await Worker.create({
    connection,
    namespace,
    taskQueue: CONVERSATION_TASK_QUEUE,
    workflowBundle: { codePath: await workflowBundle() },
    activities: {
      recordTurn: (input: RecordTurnInput) => recorderOf(input).recordTurn(input),
      deliverToTopic: (input: DeliverInput) => recorderOf(input).deliverToTopic(input),
      purgeConversation: (ref: ConversationRef) => recorderOf(ref).purgeConversation(),
    },
  });
  const answers = await Worker.create({
    connection,
    namespace,
    taskQueue: AI_TASK_QUEUE,
    activities: { answerWithAi: (input: AiAnswerInput) => recorderOf(input).answerWithAi(input) },
  });
  const running = Promise.all([conversations.run(), answers.run()]);
  return {
    async stop() {
      conversations.shutdown();
      answers.shutdown();
      await running;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { type Client, type WorkflowHandleWithSignaledRunId, WorkflowNotFoundError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { AiPersona, ConversationInput, VisitorMessageSignal } from '../../contracts/conversation.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { conversationSettingsSchema } from '../../contracts/site.ts';
import type { ClaimPolicy } from '../../contracts/tenantSettings.ts';
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
import { atRest, decided, hasDecided } from './atRest.ts';
import { Recorder, Recorders } from './recorder.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

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
  ids: ConversationRef;
  /** What it was started with. */
  input: ConversationInput<ConversationState>;
  say(text: string, clientMessageId?: string): Promise<void>;
}

export interface Harness {
  env: TestWorkflowEnvironment;
  client: Client;
  /** Starts a conversation with its first message, runs `test`, and ends it. */
  withConversation(
    options: {
      settings?: Settings;
      flow?: typeof greetingFlow | null;
      visitorName?: string;
      recorder?: Recorder;
      first?: string;
      /** In a portal with this agent, instead of on a site. */
      agent?: AiPersona;
      claimPolicy?: ClaimPolicy;
    },
    test: (conversation: Conversation) => Promise<void>,
  ): Promise<void>;
  /** Resolves when no task of the conversation is under way. */
  decided(handle: Handle): Promise<void>;
  /** Resolves when no task and no activity of the conversation's latest run is under way. */
  atRest(handle: Handle): Promise<void>;
  stop(): Promise<void>;
}

export async function startHarness(): Promise<Harness> {
  const env = await startEnvironment();
  await addSearchAttributes(env.client);
  const recorders = new Recorders();
  const workers = await startWorkers(env, recorders);

  async function withConversation(
    options: Parameters<Harness['withConversation']>[0],
    test: Parameters<Harness['withConversation']>[1],
  ): Promise<void> {
    const { settings = {}, flow = greetingFlow, visitorName, agent, recorder = new Recorder(), first = 'Hi' } = options;
    const { claimPolicy } = options;
    const ids: ConversationRef = { tenantId: randomUUID(), conversationId: randomUUID() };
    recorders.add(ids.conversationId, recorder);
    const input: ConversationInput<ConversationState> = {
      ...ids,
      channel: agent ? 'portal' : 'web',
      visitor: visitorName === undefined ? {} : { name: visitorName },
      source: {},
      setup: {
        siteId: agent ? null : randomUUID(),
        flow: flow && { id: randomUUID(), version: 1, definition: flow },
        settings: conversationSettingsSchema.parse(settings),
        ...(agent ? { agent } : {}),
        ...(claimPolicy ? { claimPolicy } : {}),
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
      await test({ recorder, handle, ids, input, say: async (text, id) => void (await say(text, id)) });
    } finally {
      recorder.letGo();
      await endConversation(env, handle.workflowId);
    }
  }

  return {
    env,
    client: env.client,
    withConversation,
    decided,
    atRest: ({ workflowId }) => atRest(env.client.workflow.getHandle(workflowId)),
    async stop() {
      await workers.stop();
      await env.teardown();
    },
  };
}

/**
 * Terminates a conversation once it is at rest. The test server never gives back the lock on skipping time that a task in
 * flight holds when its workflow is terminated (temporalio/sdk-java#1138): every later `sleep` would last as long as it says.
 * A timer that was due meanwhile may have begun one; its lock is given back here. A conversation that ran to its end, as some
 * tests want, is left alone.
 */
async function endConversation(env: TestWorkflowEnvironment, workflowId: string): Promise<void> {
  // Of the latest run: the conversation may have continued as new.
  const handle = env.client.workflow.getHandle(workflowId);
  await atRest(handle);
  await handle.terminate().catch(ignoreNotFound);
  if (!hasDecided(await handle.fetchHistory())) await env.connection.testService?.unlockTimeSkipping({});
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** The SDK gives the server 5 s, which Java on a busy machine does not always keep. */
export async function startEnvironment(attemptsLeft = 6): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: inject('testServer') } });
  } catch (error) {
    if (attemptsLeft === 1) throw error;
    return startEnvironment(attemptsLeft - 1);
  }
}

async function startWorkers(
  { nativeConnection: connection, namespace }: TestWorkflowEnvironment,
  recorders: Recorders,
): Promise<{ stop(): Promise<void> }> {
  const conversations = await Worker.create({
    connection,
    namespace,
    taskQueue: CONVERSATION_TASK_QUEUE,
    workflowBundle: { codePath: await workflowBundle() },
    activities: { ...recorders.activities },
  });
  const answers = await Worker.create({
    connection,
    namespace,
    taskQueue: AI_TASK_QUEUE,
    activities: { ...recorders.ai },
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

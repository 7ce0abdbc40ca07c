import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Engine } from '../../api/engine.ts';
import { createTemporalEngine } from '../../api/temporalEngine.ts';
import type { ConversationInput } from '../../contracts/conversation.ts';
import { flowDefinitionSchema } from '../../contracts/flow.ts';
import { conversationSettingsSchema } from '../../contracts/site.ts';
import { conversationWorkflowId } from '../../contracts/workflowId.ts';
import { startTemporal } from '../../dev/servers/startTemporal.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { createWorkers, type WorkerSetup } from '../../worker/createWorkers.ts';
import type { conversation } from '../../workflows/conversation/conversation.ts';
import { plainText } from '../support/plainText.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A flow with one answer of its own and the way to a person; all else is for AI. */
const shortFlow = flowDefinitionSchema.parse({
  language: 1,
  name: 'Short',
  triggers: [
    { on: 'first_message', start: 'hello' },
    { on: 'keyword', keywords: ['hours'], start: 'hours' },
    { on: 'keyword', keywords: ['human'], start: 'person' },
  ],
  steps: {
    hello: { type: 'message', text: 'Hello!' },
    hours: { type: 'message', text: 'From 9 to 5.' },
    person: { type: 'handover' },
  },
});

export interface StartEngineOptions {
  activities: WorkerSetup['activities'];
  ai: WorkerSetup['ai'];
  webhooks?: WorkerSetup['webhooks'];
  codec?: PayloadCodec;
  dynamicConfig?: Record<string, string | number | boolean>;
}

export interface TestEngine {
  address: string;
  client: Client;
  engine: Engine;
  handleOf(input: ConversationInput): WorkflowHandle<typeof conversation>;
  stop(): Promise<void>;
}

/** A Temporal server of the test's own with Parley's workers, and the engine as the API uses it. */
export async function startEngine(options: StartEngineOptions): Promise<TestEngine> {
  const { activities, ai, webhooks, codec = plainText, dynamicConfig } = options;
  const folder = await mkdtemp(join(tmpdir(), 'parley-engine-'));
  const temporal = await startTemporal({ logFile: join(folder, 'temporal.log'), dynamicConfig });
  const { address } = temporal;
  const connection = await NativeConnection.connect({ address });
  const setup = {
    connection,
    namespace: 'default',
    codec,
    activities,
    ai,
    webhooks,
    cacheSize: 50,
    localActivities: 20,
  };
  const workers = await createWorkers(setup);
  const running = workers.map((worker) => worker.run());
  const client = createEngineClient({ address, namespace: 'default' }, codec);
  return {
    address,
    client,
    engine: createTemporalEngine(client),
    handleOf: (input) => client.workflow.getHandle<typeof conversation>(conversationWorkflowId(input)),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await Promise.all([client.connection.close(), connection.close()]);
      await temporal.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a conversation is opened with. */
export function conversationInput(
  settings: Parameters<typeof conversationSettingsSchema.parse>[0] = {},
  parts: Partial<ConversationInput> = {},
): ConversationInput {
  return {
    tenantId: randomUUID(),
    conversationId: randomUUID(),
    channel: 'web',
    visitor: {},
    source: {},
    setup: {
      siteId: randomUUID(),
      flow: { id: randomUUID(), version: 1, definition: shortFlow },
      settings: conversationSettingsSchema.parse(settings),
    },
    ...parts,
  };
}

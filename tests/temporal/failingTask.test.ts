import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../api/engine.ts';
import { createTemporalEngine } from '../../api/temporalEngine.ts';
import { CONVERSATION_TASK_QUEUE, conversationWorkflowId } from '../../contracts/workflowId.ts';
import { startTemporal, type TemporalServer } from '../../dev/servers/startTemporal.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { plainText } from '../support/plainText.ts';
import { until } from '../workflow/until.ts';

/** From here on the server refuses updates at once: FAILED_PRECONDITION, "Workflow Task in failed state". Seen with 1.9 of its CLI. */
const REFUSED_FROM_ATTEMPT = 3;

const WORKFLOWS = fileURLToPath(new URL('./fixtures/failingConversation.ts', import.meta.url));

Runtime.install({ logger: new DefaultLogger('ERROR') });

describe('a conversation whose workflow task fails', () => {
  let folder: string;
  let temporal: TemporalServer;
  let connection: NativeConnection;
  let worker: Worker;
  let running: Promise<void>;
  let client: Client;
  let engine: Engine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-failing-'));
    temporal = await startTemporal({ logFile: join(folder, 'temporal.log') });
    const { address } = temporal;
    connection = await NativeConnection.connect({ address });
    worker = await Worker.create({ connection, taskQueue: CONVERSATION_TASK_QUEUE, workflowsPath: WORKFLOWS });
    running = worker.run();
    client = createEngineClient({ address, namespace: 'default' }, plainText);
    engine = createTemporalEngine(client);
  });
  afterAll(async () => {
    worker.shutdown();
    await running;
    await Promise.all([client.connection.close(), connection.close()]);
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a command later: Temporal refuses it by itself after some tasks, and that is for now', async () => {
    const ref = { tenantId: randomUUID(), conversationId: randomUUID() };
    const workflowId = conversationWorkflowId(ref);
    const options = { workflowId, taskQueue: CONVERSATION_TASK_QUEUE, workflowTaskTimeout: '1 second' } as const;
    const handle = await client.workflow.start('conversation', options);
    await until(async () => {
      const { raw } = await handle.describe();
      return (raw.pendingWorkflowTask?.attempt ?? 0) > REFUSED_FROM_ATTEMPT;
    }, 'the failed tasks');
    const command = { agent: { id: '7', name: 'Kim' }, command: { name: 'claim' } } as const;
    await expect(engine.command(ref, command, randomUUID())).rejects.toMatchObject({ code: 'engine_unavailable' });
  });
});

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PayloadCodec } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { v7 as uuidv7 } from 'uuid';
import type { VisitorMessageSignal } from '../../contracts/conversation.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { type Deferred, deferred } from '../deferred.ts';
import type { Path } from '../path.ts';
import { BARE_TASK_QUEUE, MESSAGE_TEXT } from '../settings.ts';
import { bareConversation, bareSignal } from './workflow.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const plain: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads,
};

export interface BareOptions {
  address: string;
  conversations: number;
  /** For the workflow's bundle. */
  folder: string;
  /** Flags for the worker's Node. */
  execArgv: string[];
}

/** The bare engine: this process is its client, a process of its own its worker. */
export async function startBare({ address, conversations, folder, execArgv }: BareOptions): Promise<Path> {
  const running = new Map<string, Deferred>();
  const worker = await startWorker({ address, folder, execArgv }, (ids) => {
    const at = performance.now();
    for (const id of ids) {
      running.get(id)?.resolve(at);
      running.delete(id);
    }
  });
  const client = createEngineClient({ address, namespace: 'default' }, plain);
  const workflowIds = Array.from({ length: conversations }, () => `bench-bare/${uuidv7()}`);

  async function signal(conversation: number, message: VisitorMessageSignal): Promise<number> {
    await client.workflow.signalWithStart(bareConversation, {
      workflowId: workflowIds[conversation] ?? '',
      taskQueue: BARE_TASK_QUEUE,
      signal: bareSignal,
      signalArgs: [message],
      workflowTaskTimeout: '1 second',
    });
    return performance.now();
  }

  return {
    name: 'bare engine',
    conversations,
    processes: { worker: worker.pid ?? 0 },
    send(conversation) {
      const clientMessageId = uuidv7();
      const ran = deferred();
      running.set(clientMessageId, ran);
      const acked = signal(conversation, { clientMessageId, text: MESSAGE_TEXT, receivedAt: Date.now() });
      acked.catch(ran.reject);
      return { acked, replied: ran.promise };
    },
    async close() {
      const exited = once(worker, 'exit');
      worker.disconnect();
      await Promise.all([exited, client.connection.close()]);
    },
  };
}

async function startWorker(
  { address, folder, execArgv }: Omit<BareOptions, 'conversations'>,
  onRan: (ids: string[]) => void,
): Promise<ChildProcess> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: here('./workflow.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const bundle = path.join(folder, 'bare-workflow.js');
  await writeFile(bundle, code);
  const worker = fork(here('./workerMain.ts'), [address, bundle], { execArgv: [...execArgv, '--import', 'tsx'] });
  await new Promise<void>((resolve, reject) => {
    worker.once('exit', (code) => reject(new Error(`The bare engine's worker ended with ${code}`)));
    worker.on('message', (message: { ready?: true; ran?: string[] }) => {
      if (message.ready) resolve();
      if (message.ran) onRan(message.ran);
    });
  });
  return worker;
}

// Usage: fork(workerMain.ts, [address, bundle]). Sends `{ ran: string[] }` for what its local activity ran.
import { NativeConnection, Worker } from '@temporalio/worker';
import { createLogger } from '../../runtime/logger.ts';
import { CONVERSATION_WORKER } from '../../worker/createWorkers.ts';
import { installRuntime } from '../../worker/installRuntime.ts';
import { BARE_TASK_QUEUE, BENCH_WORKER } from '../settings.ts';
import type { BareActivities } from './workflow.ts';

const [address = '', codePath = ''] = process.argv.slice(2);

installRuntime(createLogger('warn', { service: 'bench-bare-worker' }));
const activities: BareActivities = {
  async nothing(clientMessageIds) {
    process.send?.({ ran: clientMessageIds });
  },
};
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  ...CONVERSATION_WORKER,
  connection,
  taskQueue: BARE_TASK_QUEUE,
  workflowBundle: { codePath },
  activities: { ...activities },
  maxCachedWorkflows: BENCH_WORKER.cacheSize,
  maxConcurrentLocalActivityExecutions: BENCH_WORKER.localActivities,
});
process.once('disconnect', () => worker.shutdown());
process.send?.({ ready: true });
await worker.run();
await connection.close();

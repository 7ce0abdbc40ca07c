// Usage: runSdkDownload.ts dev-server|time-skipping <folder>. Starting a server is the SDK's only way to download it.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [server, downloadDir] = process.argv.slice(2);
const options = { server: { executable: { type: 'cached-download' as const, downloadDir } } };
const environment =
  server === 'time-skipping'
    ? await TestWorkflowEnvironment.createTimeSkipping(options)
    : await TestWorkflowEnvironment.createLocal(options);
await environment.teardown();

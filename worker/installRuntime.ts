import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Warnings of the SDK that tell of nothing wrong. */
const EXPECTED = new Set([
  // The AI worker has activities alone.
  'No workflows registered, not polling for workflow tasks',
  // A task that took longer than its short timeout was given out again, and done there.
  'Task not found when completing',
]);

/** Sends the SDK's own log to ours, warnings and worse: at info it tells of every worker's every state. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { error: err, ...rest } = meta ?? {};
      const calm = EXPECTED.has(message) ? 'debug' : 'warn';
      logger[level === 'ERROR' ? 'error' : calm]({ ...rest, err }, message);
    }),
    // Ctrl-C is the launcher's to handle; the SDK would stop its workers before the API is closed.
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) } },
  });
}

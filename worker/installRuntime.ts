import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Said of the AI worker, which has activities alone by design. */
const EXPECTED = 'No workflows registered, not polling for workflow tasks';

/** Sends the SDK's own log to ours, warnings and worse: at info it tells of every worker's every state. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (message === EXPECTED) return;
      const { error: err, ...rest } = meta ?? {};
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...rest, err }, message);
    }),
    // Ctrl-C is the launcher's to handle; the SDK would stop its workers before the API is closed.
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) } },
  });
}

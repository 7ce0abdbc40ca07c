import { InvalidEnvironmentError, readEnv } from '../config/env.ts';
import { closeGracefully } from '../runtime/closeGracefully.ts';
import { createLogger } from '../runtime/logger.ts';
import { installRuntime } from './installRuntime.ts';
import { startWorker } from './startWorker.ts';

const CLOSE_WITHIN_MS = 10_000;

async function main(): Promise<void> {
  const env = readEnv();
  const logger = createLogger(env.LOG_LEVEL, { service: 'parley-worker' });
  installRuntime(logger);
  const worker = await startWorker({ env, logger });
  closeGracefully(CLOSE_WITHIN_MS, async (err) => {
    if (err) logger.fatal({ err }, 'closing after an error that nobody handled');
    await worker.close();
  });
  // Met above like any error that nobody handles: whoever supervises the process must see it fail, not end.
  worker.finished.catch((error: unknown) => {
    throw error;
  });
}

try {
  await main();
} catch (error) {
  // What an operator can mend takes one line, not a stack.
  console.error(error instanceof InvalidEnvironmentError ? error.message : error);
  // What was opened so far would keep the process alive.
  process.exit(1);
}

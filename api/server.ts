import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { InvalidEnvironmentError, readEnv } from '../config/env.ts';
import { closeGracefully } from '../runtime/closeGracefully.ts';
import { createLogger } from '../runtime/logger.ts';
import { startApi } from './startApi.ts';

const CLOSE_WITHIN_MS = 10_000;
const widgetFile = fileURLToPath(new URL('../dist/widget.js', import.meta.url));

async function main(): Promise<void> {
  const env = readEnv();
  const logger = createLogger(env.LOG_LEVEL);
  const api = await startApi({ env, logger, widgetFile });
  closeGracefully(CLOSE_WITHIN_MS, async (err) => {
    if (err) logger.fatal({ err }, 'closing after an error that nobody handled');
    await api.close();
  });
}

try {
  await main();
} catch (error) {
  // What an operator can mend takes one line, not a stack.
  const known = error instanceof InvalidEnvironmentError || isPortTaken(error);
  process.stderr.write(`${known ? error.message : inspect(error)}\n`);
  process.exitCode = 1;
}

function isPortTaken(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}

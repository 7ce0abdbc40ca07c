import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InvalidEnvironmentError } from '../config/env.ts';
import { closeGracefully } from '../runtime/closeGracefully.ts';
import { Closers } from './launcher/closers.ts';
import { LauncherError, onlyOne } from './launcher/onlyOne.ts';
import { startAll } from './launcher/startAll.ts';

/** The whole of Parley on this machine, for `npm start`: real servers, a demo shop, and both sides to play. */
const CLOSE_WITHIN_MS = 9_500;
const checkout = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  // Where everything is kept between starts: `npm start -- --state <folder>`.
  options: { state: { type: 'string', default: path.join(checkout, '.parley') } },
});
const folder = path.resolve(values.state);
const closers = new Closers();

async function main(): Promise<void> {
  closers.add('lock', await onlyOne(folder));
  closeGracefully(CLOSE_WITHIN_MS, async (err) => {
    if (err) console.error('Parley stops because of an error that nobody handled:', err);
    console.log('\nStopping …');
    await closers.closeAll();
    console.log('Stopped.');
  });
  await startAll({ folder, closers });
}

try {
  await main();
} catch (error) {
  const known = error instanceof LauncherError || error instanceof InvalidEnvironmentError;
  console.error('\nParley could not start:', known ? error.message : error);
  await closers.closeAll();
  process.exit(1);
}

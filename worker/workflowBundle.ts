import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../temporal/sealedConverter.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheDir = path.join(root, 'node_modules', '.cache', 'parley');

/** Evaluated once for all workflows instead of once for each, which took most of the time of a first task: they keep nothing of any. */
const PRELOADED = ['@marcbachmann/cel-js', '@eslint-community/regexpp'];

/**
 * The workflows as one script, made once per state of their sources: bundling takes seconds, which a worker that is started
 * again after a crash does not have. Resolves to the script's path.
 */
export async function workflowBundle(): Promise<string> {
  const file = path.join(cacheDir, `workflows-${await sourcesHash()}.js`);
  const cached = await readFile(file).catch(() => undefined);
  if (cached) return file;
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows', 'index.ts'),
    failureConverterPath: FAILURE_CONVERTER,
    preloadModules: PRELOADED,
    // Its progress is the bundler's own text, in which nobody who starts Parley can read anything.
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(cacheDir, { recursive: true });
  // Renamed into place, so that a worker that starts at the same time never reads half a script.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, file);
  return file;
}

/** All that the bundle is made of: our sources, and the exact packages by way of the lock file. */
async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [
    'package-lock.json',
    path.relative(root, fileURLToPath(import.meta.url)),
    path.relative(root, FAILURE_CONVERTER),
    ...(await sourcesIn('workflows')),
    ...(await sourcesIn('contracts')),
  ]) {
    hash.update(name).update(await readFile(path.join(root, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { recursive: true });
  return entries
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
    .sort();
}

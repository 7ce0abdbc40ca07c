import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './runCommand.ts';

const DOWNLOAD_SITE = 'https://temporal.download/';
const SITE_ANSWERS_WITHIN_MS = 3_000;
const DOWNLOAD_WITHIN_MS = 5 * 60_000;

/** The two servers that the Temporal SDK knows how to download. */
export type SdkServer = 'dev-server' | 'time-skipping';

/**
 * Lets the Temporal SDK download a server into a folder and returns the file's path. Fails within seconds where the site
 * cannot be reached.
 */
export async function downloadWithSdk(server: SdkServer, folder: string): Promise<string> {
  await fetch(DOWNLOAD_SITE, { method: 'HEAD', signal: AbortSignal.timeout(SITE_ANSWERS_WITHIN_MS) }).catch((cause) => {
    throw new Error(`${DOWNLOAD_SITE} cannot be reached`, { cause });
  });
  // In a process of its own: the SDK's runtime is made once per process, and the worker wants to configure its own.
  const script = fileURLToPath(new URL('./runSdkDownload.ts', import.meta.url));
  await runCommand(process.execPath, ['--import', 'tsx', script, server, folder], { timeoutMs: DOWNLOAD_WITHIN_MS });
  const [file] = await readdir(folder);
  if (!file) throw new Error('The SDK downloaded nothing');
  return join(folder, file);
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../servers/runCommand.ts';

/** Says in one line what keeps Parley from starting. */
export class LauncherError extends Error {
  override readonly name = 'LauncherError';
}

/** Takes this folder's place for one launcher; throws {@link LauncherError} while another holds it. Returns the releaser. */
export async function onlyOne(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'launcher.pid');
  await mkdir(folder, { recursive: true });
  const holder = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (holder && holder !== process.pid && (await isLauncher(holder))) {
    throw new LauncherError(`Parley already runs from this folder (process ${holder}). Stop it first.`);
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

/** By its command: after a crash, the number in the file may belong to another program. */
async function isLauncher(pid: number): Promise<boolean> {
  const command = await runCommand('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => '');
  return command.includes('dev/main.ts');
}

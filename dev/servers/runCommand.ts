import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

export interface RunOptions {
  timeoutMs?: number;
  cwd?: string;
  /** The error holds all that the command printed, instead of the end of it. */
  wholeOutput?: boolean;
}

/** Runs a command to its end and returns its stdout; throws with the end of its output when it fails or takes too long. */
export async function runCommand(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { timeoutMs = 30_000, cwd, wholeOutput = false } = options;
  try {
    const { stdout } = await execFileAsync(command, args, { timeout: timeoutMs, cwd, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    const { killed, stdout = '', stderr = '' } = cause as { killed?: boolean; stdout?: string; stderr?: string };
    const reason = killed ? `took longer than ${timeoutMs} ms` : 'failed';
    const output = wholeOutput ? `\n${stdout}${stderr}` : (stderr || stdout).trim().slice(-500);
    throw new Error(`${command} ${args[0] ?? ''} ${reason}: ${output}`, { cause });
  }
}

/** The full path of the first of these programs that is on PATH. */
export async function findOnPath(...programs: string[]): Promise<string | undefined> {
  for (const program of programs) {
    const found = await runCommand('sh', ['-c', 'command -v -- "$1"', 'sh', program]).catch(() => '');
    if (found.trim().startsWith('/')) return found.trim();
  }
  return undefined;
}

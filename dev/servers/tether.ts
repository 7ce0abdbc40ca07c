import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const tethered = new Map<number, NodeJS.Signals>();
let watchdog: ChildProcess | undefined;

function tell(line: string): void {
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`${line}\n`);
}

function startWatchdog(): ChildProcess {
  // Detached: a Ctrl-C in the terminal goes to the launcher alone, which then stops its servers in order.
  const child = spawn(process.execPath, [fileURLToPath(new URL('./watchdog.mjs', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.on('exit', () => {
    watchdog = undefined;
    for (const [pid, signal] of tethered) tell(`+${pid} ${signal}`);
  });
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}

/**
 * Ties a process group to the life of this process: when this process ends, however it ends, the leader `pid` gets
 * `signal`, and what is left of its group after 5 s is killed.
 */
export function tether(pid: number, signal: NodeJS.Signals): void {
  tethered.set(pid, signal);
  tell(`+${pid} ${signal}`);
}

/** Forgets a process that has ended, so that a later process with the same pid is left alone. */
export function untether(pid: number): void {
  if (tethered.delete(pid)) tell(`-${pid}`);
}

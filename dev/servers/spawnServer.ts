import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree } from './freePort.ts';
import { tether, untether } from './tether.ts';

const POLL_MS = 25;
const STOP_GRACE_MS = 8_000;
const LOG_TAIL_CHARACTERS = 2_000;

export interface ServerCommand {
  /** What it is called in error messages: "Postgres". */
  name: string;
  command: string;
  args: string[];
  /** Where it will listen on the loopback interface. When something else listens on one of them, it is not started. */
  ports?: number[];
  /** Receives stdout and stderr, appended. */
  logFile: string;
  /** Asks the server to end in good order. SIGTERM by default. */
  stopSignal?: NodeJS.Signals;
  cwd?: string;
  /** The whole environment of the process; the launcher's own by default. */
  env?: NodeJS.ProcessEnv;
}

export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Polls `check` (an exception means "not yet") until it is true; ends the process and throws when it never is. */
  waitUntilReady(check: () => Promise<boolean>, deadlineMs: number): Promise<void>;
  /** Ends it in good order, after 8 s by force. May be called twice. */
  stop(): Promise<void>;
  /** kill -9 to the whole process group; resolves when the process is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a server in a process group of its own, tied to the life of this process.
 * Its output goes to a file, not to a pipe, so that a slow or dead launcher can never block it.
 */
export async function spawnServer(server: ServerCommand): Promise<ServerProcess> {
  const { name, command, args, cwd, env, ports = [], stopSignal = 'SIGTERM' } = server;
  for (const port of ports) {
    if (!(await isPortFree(port))) throw new Error(`${name}: port ${port} is taken`);
  }
  mkdirSync(dirname(server.logFile), { recursive: true });
  const log = openSync(server.logFile, 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], cwd, env });
  const pid = child.pid;
  if (pid !== undefined) tether(pid, stopSignal);
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${name} could not be started (${command})`, { cause })));
  });
  if (pid === undefined) throw new Error(`${name} started without a process id`);

  let running = true;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false;
      signalGroup(pid, 'SIGKILL');
      untether(pid);
      resolve();
    });
  });

  async function kill(): Promise<void> {
    if (running) signalGroup(pid as number, 'SIGKILL');
    await exited;
  }

  async function stop(): Promise<void> {
    if (running) child.kill(stopSignal);
    const graceOver = new AbortController();
    await Promise.race([exited, sleep(STOP_GRACE_MS, undefined, { signal: graceOver.signal }).catch(() => {})]);
    graceOver.abort();
    await kill();
  }

  async function waitUntilReady(check: () => Promise<boolean>, deadlineMs: number): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    while (running && Date.now() < deadline) {
      if (await check().catch(() => false)) return;
      await sleep(POLL_MS);
    }
    const reason = running ? `was not ready within ${deadlineMs} ms` : 'ended while starting';
    await kill();
    throw new Error(`${name} ${reason}. The end of ${server.logFile}:\n${tailOf(server.logFile)}`);
  }

  return { pid, exited, waitUntilReady, stop, kill };
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // ESRCH: nothing of the group is left, which is what was wanted.
  }
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').slice(-LOG_TAIL_CHARACTERS);
}

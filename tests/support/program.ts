import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environment } from '../../config/env.ts';
import { runCommand } from '../../dev/servers/runCommand.ts';
import { tether, untether } from '../../dev/servers/tether.ts';

export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** What a program keeps of the surroundings: where programs are, and how packages are fetched. Nothing that configures Parley. */
const SURROUNDINGS = /^(PATH|HOME|LANG|TMPDIR|PIP_\w+|GO\w+|NODE_EXTRA_CA_CERTS|SSL_\w+|\w+_proxy)$/i;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program of the checkout as a person starts it in a terminal: a process group of its own, whose output is kept. */
export class Program {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** All that it wrote, to stdout and stderr together. */
  output = '';
  readonly #child: ChildProcess;
  #hasEnded = false;

  private constructor(command: string, args: string[], env: Record<string, string>) {
    const kept = Object.entries(environment()).filter(([name]) => SURROUNDINGS.test(name));
    const child = spawn(command, args, {
      cwd: CHECKOUT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(kept), ...env },
    });
    if (child.pid === undefined) throw new Error(`${command} could not be started`);
    this.pid = child.pid;
    this.#child = child;
    tether(child.pid, 'SIGTERM');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        untether(this.pid);
        resolve({ code, signal });
      });
    });
  }

  /** `npm run <script>`, with nothing in the environment but what is given. */
  static npm(script: string, env: Record<string, string>, args: string[] = []): Program {
    return new Program('npm', ['run', '--silent', script, '--', ...args], env);
  }

  /** A TypeScript program without npm around it: its pid is the one to kill. */
  static node(file: string, env: Record<string, string>, args: string[] = []): Program {
    return new Program(process.execPath, ['scripts/run.mjs', file, ...args], env);
  }

  /** Waits until the output matches; throws, with the output, when the program ends or 60 s pass before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.#hasEnded || Date.now() > deadline) throw new Error(`It never said ${pattern}:\n${this.output}`);
      await sleep(50);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What Ctrl-C does in a terminal: everything in the foreground gets the signal, npm and its shell too. */
  pressCtrlC(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** kill -9 to it and to all that runs in its group. */
  killAll(): void {
    if (!this.#hasEnded) process.kill(-this.pid, 'SIGKILL');
  }

  /** Ends it whatever state it is in; for the end of a test. */
  async discard(): Promise<void> {
    if (!this.#hasEnded) this.kill('SIGTERM');
    await this.ended;
  }
}

/** The process ids of everything that `pid` started, directly or not. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const table = (await runCommand('ps', ['-eo', 'pid=,ppid='])).trim().split('\n');
  const pairs = table.map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) found.push(...pairs.flatMap(([child = 0, of]) => (of === parent ? [child] : [])));
  return found.slice(1);
}

/** Those of the processes that still run; a zombie that nobody has reaped yet does not. */
export async function alive(pids: number[]): Promise<string[]> {
  if (pids.length === 0) return [];
  const table = await runCommand('ps', ['-o', 'pid=,stat=,args=', '-p', pids.join(',')]).catch(() => '');
  return table.split('\n').filter((line) => line.trim() !== '' && !/^\s*\d+\s+Z/.test(line));
}

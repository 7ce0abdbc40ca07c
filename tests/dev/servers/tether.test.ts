import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';

const launcher = fileURLToPath(new URL('./fixtures/launcher.ts', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'servers end when their launcher gets %s, the stubborn one too',
  async (signal) => {
    const child = spawn(process.execPath, ['--import', 'tsx', launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { pids, logFile } = JSON.parse(line.toString()) as { pids: number[]; logFile: string };
    expect(pids.map(isAlive)).toEqual([true, true]);

    child.kill(signal);

    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), { timeout: 10_000, interval: 100 });
    await rm(logFile);
  },
  20_000,
);

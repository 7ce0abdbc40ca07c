import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./crowdMain.ts', import.meta.url));

/** A crowd that has not come yet. */
export interface Crowd {
  /** Comes now. Milliseconds for which each of its sockets was let in, when the last has gone. */
  come(): Promise<number[]>;
}

/**
 * `count` silent sockets in a process of their own, which runs already: the good clients' clock is not theirs, and what it costs
 * to start a program is nobody's crowd.
 */
export async function startCrowd(url: string, count: number): Promise<Crowd> {
  const crowd = spawn(process.execPath, ['--import', 'tsx', program, url, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(crowd.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    async come() {
      crowd.stdin.end('come');
      const [{ value }] = await Promise.all([lines.next(), once(crowd, 'exit')]);
      return JSON.parse(String(value)) as number[];
    },
  };
}

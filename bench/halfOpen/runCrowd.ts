import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./crowdMain.ts', import.meta.url));

/** Milliseconds for which each of `count` silent sockets was let in. In a process of its own: the good clients' clock is not theirs. */
export async function runCrowd(url: string, count: number): Promise<number[]> {
  const crowd = spawn(process.execPath, ['--import', 'tsx', program, url, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(crowd.stdout), once(crowd, 'exit')]);
  return JSON.parse(output) as number[];
}

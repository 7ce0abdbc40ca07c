import type { Path } from '../path.ts';
import { type Latency, type Sample, settle } from './sample.ts';

export interface ClosedLoop {
  /** Messages under way at any time, each in a conversation of its own. */
  outstanding: number;
  seconds: number;
}

/** Sends the next message when one is answered: as many as the path can take. Every conversation has its turn. */
export async function closedLoop(path: Path, { outstanding, seconds }: ClosedLoop): Promise<Sample> {
  const start = performance.now();
  const end = start + seconds * 1_000;
  const latencies: Latency[] = [];
  let failed = 0;

  async function talk(first: number): Promise<void> {
    let conversation = first;
    for (let now = start; now < end; now = performance.now()) {
      const latency = await settle(path.send(conversation), now);
      if (!latency) failed += 1;
      // What is answered after the end would count with a shrinking number of messages under way.
      else if (performance.now() <= end) latencies.push(latency);
      conversation = conversation + outstanding < path.conversations ? conversation + outstanding : first;
    }
  }

  await Promise.all(Array.from({ length: outstanding }, (_, first) => talk(first)));
  return { latencies, failed, elapsedMs: seconds * 1_000 };
}

import type { Path } from '../path.ts';
import { type Latency, type Sample, settle } from './sample.ts';

/** Every conversation sends its next message when the one before is answered: as many as the path can take. */
export async function closedLoop(path: Path, { seconds }: { seconds: number }): Promise<Sample> {
  const start = performance.now();
  const end = start + seconds * 1_000;
  const latencies: Latency[] = [];

  async function talk(conversation: number): Promise<void> {
    for (let now = start; now < end; now = performance.now()) {
      const latency = await settle(path.send(conversation), now);
      // What is answered after the end would count with a shrinking number of conversations.
      if (performance.now() <= end) latencies.push(latency);
    }
  }

  await Promise.all(Array.from({ length: path.conversations }, (_, conversation) => talk(conversation)));
  return { latencies, elapsedMs: seconds * 1_000 };
}

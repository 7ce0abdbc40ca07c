import { setTimeout as sleep } from 'node:timers/promises';
import type { Path } from '../path.ts';
import { type Latency, type Sample, settle } from './sample.ts';

export interface OpenLoop {
  /** Messages a second, on average: they come as visitors do, without regard to each other or to what is under way. */
  rate: number;
  seconds: number;
  /** The same seed gives the same moments. */
  seed: number;
}

/** Sends at moments that are fixed beforehand; latencies count from them, so a stall is felt by all whom it delays. */
export async function openLoop(path: Path, load: OpenLoop): Promise<Sample> {
  const start = performance.now();
  const running: Promise<Latency | undefined>[] = [];
  for (const [index, offset] of arrivals(load).entries()) {
    const intended = start + offset;
    const early = intended - performance.now();
    if (early > 0) await sleep(early);
    running.push(settle(path.send(index % path.conversations), intended));
  }
  const latencies = (await Promise.all(running)).filter((latency) => latency !== undefined);
  return { latencies, failed: running.length - latencies.length, elapsedMs: performance.now() - start };
}

/** A Poisson process: milliseconds from the start. */
function arrivals({ rate, seconds, seed }: OpenLoop): number[] {
  const random = mulberry32(seed);
  const moments: number[] = [];
  for (let at = 0; at < seconds * 1_000; at += (-Math.log(1 - random()) / rate) * 1_000) moments.push(at);
  return moments;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

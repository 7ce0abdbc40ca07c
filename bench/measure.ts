import { availableParallelism } from 'node:os';
import { closedLoop } from './load/closedLoop.ts';
import { openLoop } from './load/openLoop.ts';
import type { Sample } from './load/sample.ts';
import type { Path } from './path.ts';
import { machineBusyMs, type ProcessorTime, processorTime, type Watched } from './processorTime.ts';

/** Messages a second, or as many as the path takes. */
export const LOADS = [25, 50, 100, 'saturation'] as const;
export type Load = (typeof LOADS)[number];

export interface Plan {
  conversations: number;
  /** Messages under way at saturation. */
  outstanding: number;
  rounds: number;
  /** Of each load on each path in each round. */
  seconds: number;
  warmUpSeconds: number;
}

/** What one load on one path measured, and what it cost each process. */
export interface Measured extends Sample {
  processorMs: ProcessorTime;
  /** Of all processors' time, what others on this machine had: the more, the less the figures are worth. */
  takenByOthers: number;
}

/** What one round measured of both paths under one load. */
export interface Pair {
  load: Load;
  bare: Measured;
  parley: Measured;
}

/** Warms both paths up, then measures them in turns, so that what drifts on the machine meets both. */
export async function measure(
  paths: { bare: Path; parley: Path },
  shared: Watched,
  plan: Plan,
  onProgress: (text: string) => void,
): Promise<Pair[]> {
  onProgress('warming up');
  for (const path of [paths.bare, paths.parley]) await closedLoop(path, { ...plan, seconds: plan.warmUpSeconds });
  const pairs: Pair[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const load of LOADS) {
      onProgress(`round ${round} of ${plan.rounds}: ${load}${load === 'saturation' ? '' : ' a second'}`);
      const run = (path: Path) =>
        costing({ ...shared, ...path.processes }, () =>
          load === 'saturation'
            ? closedLoop(path, plan)
            : openLoop(path, { rate: load, seconds: plan.seconds, seed: round }),
        );
      pairs.push({ load, ...(await runBoth(paths, run, round % 2 === 1)) });
    }
  }
  return pairs;
}

/** Who goes first changes, so that it is nobody's advantage. */
async function runBoth(
  { bare, parley }: { bare: Path; parley: Path },
  run: (path: Path) => Promise<Measured>,
  bareFirst: boolean,
): Promise<{ bare: Measured; parley: Measured }> {
  if (bareFirst) return { bare: await run(bare), parley: await run(parley) };
  const sample = await run(parley);
  return { parley: sample, bare: await run(bare) };
}

async function costing(processes: Watched, run: () => Promise<Sample>): Promise<Measured> {
  const snapshot = async () => ({
    at: performance.now(),
    busyMs: await machineBusyMs(),
    processes: await processorTime(processes),
  });
  const before = await snapshot();
  const sample = await run();
  const after = await snapshot();
  const used = Object.entries(after.processes).map(([name, ms]): [string, number] => [
    name,
    ms - (before.processes[name] ?? 0),
  ]);
  const ours = used.reduce((sum, [, ms]) => sum + ms, 0);
  const offered = (after.at - before.at) * availableParallelism();
  return {
    ...sample,
    processorMs: Object.fromEntries(used),
    takenByOthers: Math.max(0, (after.busyMs - before.busyMs - ours) / offered),
  };
}

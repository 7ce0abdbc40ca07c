import { availableParallelism } from 'node:os';
import { closedLoop } from './load/closedLoop.ts';
import { openLoop } from './load/openLoop.ts';
import type { Sample } from './load/sample.ts';
import type { ParleyPath } from './parley/startParley.ts';
import type { Path } from './path.ts';
import { machineBusyMs, type ProcessorTime, processorTime, type Watched } from './processorTime.ts';

/** Messages a second, or as many as the path takes. */
export const LOADS = [25, 50, 100, 'saturation'] as const;
export type Load = (typeof LOADS)[number];

/** At this many messages a second the edge is measured. */
const EDGE_RATE = 50;

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

/** The same conversations through an API without an edge and through Parley's. */
export interface EdgePair {
  way: 'socket' | 'http';
  open: Measured;
  parley: Measured;
}

export interface Rounds {
  pairs: Pair[];
  edgePairs: EdgePair[];
}

/** Warms both paths up, then measures them in turns, so that what drifts on the machine meets both. */
export async function measure(
  { bare, parley }: { bare: Path; parley: ParleyPath },
  shared: Watched,
  plan: Plan,
  onProgress: (text: string) => void,
): Promise<Rounds> {
  onProgress('warming up');
  const { http, openSocket, openHttp } = parley.ways;
  for (const path of [bare, parley]) await closedLoop(path, { ...plan, seconds: plan.warmUpSeconds });
  for (const path of [http, openSocket, openHttp]) await closedLoop(path, { ...plan, seconds: plan.warmUpSeconds / 4 });
  await parley.settle();
  const { seconds } = plan;
  const rounds: Rounds = { pairs: [], edgePairs: [] };
  for (let round = 1; round <= plan.rounds; round += 1) {
    const watched = (path: Path) => ({ ...shared, ...path.processes });
    const atRate = (rate: number) => (path: Path) =>
      costing(watched(path), () => openLoop(path, { rate, seconds, seed: round }));
    const saturated = (path: Path) => costing(watched(path), () => closedLoop(path, plan));
    const inTurn = (base: Path, ours: Path, run: (path: Path) => Promise<Measured>) =>
      runBoth(base, ours, run, round % 2 === 1);
    for (const load of LOADS) {
      onProgress(`round ${round} of ${plan.rounds}: ${load}${load === 'saturation' ? '' : ' a second'}`);
      const [base, ours] = await inTurn(bare, parley, load === 'saturation' ? saturated : atRate(load));
      rounds.pairs.push({ load, bare: base, parley: ours });
    }
    for (const [way, base, ours] of [
      ['socket', openSocket, parley],
      ['http', openHttp, http],
    ] as const) {
      onProgress(`round ${round} of ${plan.rounds}: the edge (${way})`);
      const [open, edged] = await inTurn(base, ours, atRate(EDGE_RATE));
      rounds.edgePairs.push({ way, open, parley: edged });
    }
  }
  return rounds;
}

/** Who goes first changes, so that it is nobody's advantage. */
async function runBoth(
  base: Path,
  ours: Path,
  run: (path: Path) => Promise<Measured>,
  baseFirst: boolean,
): Promise<[Measured, Measured]> {
  if (baseFirst) return [await run(base), await run(ours)];
  const measured = await run(ours);
  return [await run(base), measured];
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

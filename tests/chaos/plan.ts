import type { Random } from './random.ts';

/** What can be killed; of `api` and `worker` there are two. */
export const KILL_KINDS = ['api', 'worker', 'redis', 'postgres', 'temporal', 'emulator'] as const;
export type KillKind = (typeof KILL_KINDS)[number];

export interface PlannedKill {
  kind: KillKind;
  /** Which of two, 0 or 1; 0 for what there is one of. */
  instance: number;
  /** Milliseconds from the start of the load. */
  atMs: number;
  /** How long the process stays away before it is started again. */
  downMs: number;
}

/** Load without a kill: the baseline that stalls are compared with. */
const LEAD_MS = 6_000;
/** Most kills come one at a time, so that what they cost can be told apart: a worker needs about four seconds to start. */
const SLOT_MS = 6_000;
/** Share of kills that hit while the one before still hurts. */
const DOUBLE_OUTAGES = 0.2;

/** How long visitors write, in milliseconds. */
export function loadDuration(kills: number): number {
  return LEAD_MS + Math.max(1, kills) * SLOT_MS;
}

/** Kills in rounds over all kinds, each round in another order: with six kills or more, every kind comes. */
export function planKills(random: Random, kills: number): PlannedKill[] {
  const kinds: KillKind[] = [];
  while (kinds.length < kills) kinds.push(...random.shuffle(KILL_KINDS));
  const plan: PlannedKill[] = [];
  for (const [index, kind] of kinds.slice(0, kills).entries()) {
    const before = plan.at(-1);
    const alone = LEAD_MS + index * SLOT_MS + random.between(0, 1_500);
    const shortlyAfter = (before?.atMs ?? 0) + random.between(100, 1_500);
    plan.push({
      kind,
      instance: kind === 'api' || kind === 'worker' ? Number(random.chance(0.5)) : 0,
      atMs: before && random.chance(DOUBLE_OUTAGES) ? shortlyAfter : alone,
      downMs: random.between(100, 600),
    });
  }
  return plan;
}

/** When one visitor writes: `count` random moments of the load, ascending, in milliseconds from its start. */
export function planMessages(random: Random, count: number, durationMs: number): number[] {
  return Array.from({ length: count }, () => random.between(0, durationMs)).sort((a, b) => a - b);
}

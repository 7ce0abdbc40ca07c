import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { KillKind, PlannedKill } from './plan.ts';

/** What a kill hurt, in epoch milliseconds: from the kill until some time after the process served again. */
export interface Outage {
  kind: KillKind;
  from: number;
  until: number;
}

/** Clients and workers need a moment to notice that it is back. */
const AFTERMATH_MS = 2_000;

/** Carries the plan out; the outages of one process never overlap, those of different ones may. */
export async function killByPlan(
  cluster: Cluster,
  plan: readonly PlannedKill[],
  startedAt: number,
  say: (line: string) => void,
): Promise<Outage[]> {
  const busy = new Map<string, Promise<void>>();
  const outages: Outage[] = [];

  async function killAndRestart({ kind, instance, downMs }: PlannedKill): Promise<void> {
    const outage: Outage = { kind, from: Date.now(), until: Number.POSITIVE_INFINITY };
    outages.push(outage);
    await cluster.kill(kind, instance);
    await sleep(downMs);
    await cluster.restart(kind, instance);
    outage.until = Date.now() + AFTERMATH_MS;
    const second = ((outage.from - startedAt) / 1_000).toFixed(1);
    say(`${second} s: killed ${kind} ${instance}, serving again after ${Date.now() - outage.from} ms`);
  }

  for (const kill of plan) {
    await sleep(Math.max(0, startedAt + kill.atMs - Date.now()));
    const name = `${kill.kind}-${kill.instance}`;
    await busy.get(name);
    const done = killAndRestart(kill);
    // Whoever waits below gets the error; nobody may be waiting yet.
    done.catch(() => {});
    busy.set(name, done);
  }
  await Promise.all(busy.values());
  return outages;
}

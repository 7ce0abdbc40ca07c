import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Processes by what they are called in the report; their other children (Postgres' backends) count with them. */
export type Watched = Record<string, number>;

/** Milliseconds by name. */
export type ProcessorTime = Record<string, number>;

/** Processor time that each has used since it was started; children that have ended count too. Empty where there is no /proc. */
export async function processorTime(watched: Watched): Promise<ProcessorTime> {
  const stats = await readStats();
  const named = new Set(Object.values(watched));
  const ticks = (pid: number) =>
    stats
      .filter((stat) => stat.pid === pid || (stat.parent === pid && !named.has(stat.pid)))
      .reduce((sum, stat) => sum + stat.ticks, 0);
  return stats.length === 0
    ? {}
    : Object.fromEntries(Object.entries(watched).map(([name, pid]) => [name, ticks(pid) * TICK_MS]));
}

interface Stat {
  pid: number;
  parent: number;
  ticks: number;
}

async function readStats(): Promise<Stat[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter(Boolean).map(parseStat);
}

/** proc(5): the fields after the name, which is in brackets and may hold spaces. */
function parseStat(line: string): Stat {
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return { pid: Number.parseInt(line, 10), parent, ticks: user + system + childrenUser + childrenSystem };
}

import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Processes by what they are called in the report; a server's children (Postgres' backends) count with it. */
export type Watched = Record<string, number>;

/** Milliseconds by name. */
export type ProcessorTime = Record<string, number>;

/** Processor time that each has used since it was started; children that have ended count too. Empty where there is no /proc. */
export async function processorTime(watched: Watched): Promise<ProcessorTime> {
  const stats = await readStats();
  // This process's children are the servers and workers, which are watched themselves when they count.
  const belongs = (stat: Stat, pid: number) => stat.pid === pid || (stat.parent === pid && pid !== process.pid);
  const ticks = (pid: number) => stats.reduce((sum, stat) => sum + (belongs(stat, pid) ? stat.ticks : 0), 0);
  return stats.length === 0
    ? {}
    : Object.fromEntries(Object.entries(watched).map(([name, pid]) => [name, ticks(pid) * TICK_MS]));
}

/** Milliseconds for which the machine's processors were busy since it started, whoever kept them so. 0 without /proc. */
export async function machineBusyMs(): Promise<number> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  // proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
  const ticks = (stat.split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
  return ticks.reduce((sum, value, column) => sum + (column === 3 || column === 4 ? 0 : value), 0) * TICK_MS;
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

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { type Figures, figuresOf, median, rounded } from './figures.ts';
import { type EdgePair, LOADS, type Load, type Measured, type Pair, type Plan, type Rounds } from './measure.ts';

interface LoadReport {
  bare: Figures;
  parley: Figures;
  /** Parley over the bare engine: the median of the rounds. */
  ratios: {
    throughput: number;
    replyP50: number;
    ackP50: number;
    /** Of what a message costs in all processes, on Linux: unlike the others it hardly depends on what else the machine does. */
    processorMs: number;
  };
}

/** 50 messages a second to the same conversations, without an edge and with Parley's. */
interface EdgeReport {
  open: Figures;
  parley: Figures;
  /** Of message → ack: what token, limits, origin and the tenant's session take. The median of the rounds, of p50s. */
  share: number;
}

export interface Report {
  /** What the goals are about; Parley over the bare engine. */
  ratios: { saturation: number; replyP50At50: number };
  ackP50Ms: number;
  loads: Record<Load, LoadReport>;
  edge: Record<EdgePair['way'], EdgeReport>;
  plan: Plan;
  machine: { cores: number; cpu: string; memoryGb: number; load1m: number; node: string };
}

const GOALS = { saturation: 0.8, replyP50At50: 1.5, ackP50Ms: 6, edgeShare: 0.3 };

export function reportOf({ pairs, edgePairs }: Rounds, plan: Plan): Report {
  const loads = Object.fromEntries(LOADS.map((load) => [load, loadReport(pairs, load)])) as Report['loads'];
  return {
    ratios: { saturation: loads.saturation.ratios.throughput, replyP50At50: loads[50].ratios.replyP50 },
    ackP50Ms: loads[50].parley.ackMs.p50,
    loads,
    edge: { socket: edgeReport(edgePairs, 'socket'), http: edgeReport(edgePairs, 'http') },
    plan,
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryGb: rounded(totalmem() / 2 ** 30),
      load1m: rounded(loadavg()[0] ?? 0),
      node: process.version,
    },
  };
}

function loadReport(pairs: readonly Pair[], load: Load): LoadReport {
  const rounds = pairs.filter((pair) => pair.load === load);
  const ratio = (figure: (figures: Figures) => number) =>
    rounded(median(rounds.map(({ bare, parley }) => figure(figuresOf([parley])) / figure(figuresOf([bare])))));
  return {
    bare: figuresOf(rounds.map(({ bare }) => bare)),
    parley: figuresOf(rounds.map(({ parley }) => parley)),
    ratios: {
      throughput: ratio(({ throughput }) => throughput),
      replyP50: ratio(({ replyMs }) => replyMs.p50),
      ackP50: ratio(({ ackMs }) => ackMs.p50),
      processorMs: ratio(totalCost),
    },
  };
}

function edgeReport(pairs: readonly EdgePair[], way: EdgePair['way']): EdgeReport {
  const rounds = pairs.filter((pair) => pair.way === way);
  const ackOf = (measured: Measured) => figuresOf([measured]).ackMs.p50;
  return {
    open: figuresOf(rounds.map(({ open }) => open)),
    parley: figuresOf(rounds.map(({ parley }) => parley)),
    share: rounded(median(rounds.map(({ open, parley }) => 1 - ackOf(open) / ackOf(parley)))),
  };
}

/** The figures for people: latencies in milliseconds, as p50 / p95 / p99. */
export function tableOf({ loads, ratios, ackP50Ms, edge, machine }: Report): string {
  const rows = LOADS.flatMap((load) => [
    row(String(load), 'bare engine', loads[load].bare),
    row('', 'Parley', loads[load].parley),
  ]);
  const edgeRows = (['socket', 'http'] as const).flatMap((way) => [
    row(`50 (${way})`, 'no edge', edge[way].open),
    row('', 'Parley', edge[way].parley),
  ]);
  const header = [
    'load',
    'path',
    'messages/s',
    'ack ms (50/95/99)',
    'reply ms (50/95/99)',
    'failed',
    'taken by others',
  ];
  return [
    ...aligned([header, ...rows, ...edgeRows]),
    '',
    'processor time a message at saturation, ms:',
    `  bare engine: ${costs(loads.saturation.bare)}`,
    `  Parley: ${costs(loads.saturation.parley)}`,
    '',
    goalLine('saturation, Parley over bare', ratios.saturation, 'at least', GOALS.saturation),
    goalLine('reply p50 at 50/s, Parley over bare', ratios.replyP50At50, 'at most', GOALS.replyP50At50),
    goalLine('ack p50 at 50/s, ms', ackP50Ms, 'at most', GOALS.ackP50Ms),
    goalLine('edge over the socket, share of message → ack', edge.socket.share, 'at most', GOALS.edgeShare),
    goalLine('edge over HTTP, share of message → ack', edge.http.share, 'at most', GOALS.edgeShare),
    `${machine.cores} cores (${machine.cpu}), load ${machine.load1m}, Node ${machine.node}`,
  ].join('\n');
}

function row(load: string, path: string, { throughput, ackMs, replyMs, failed, takenByOthers }: Figures): string[] {
  const three = ({ p50, p95, p99 }: Figures['ackMs']) => [p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / ');
  return [
    load,
    path,
    throughput.toFixed(1),
    three(ackMs),
    three(replyMs),
    String(failed),
    `${Math.round(takenByOthers * 100)} %`,
  ];
}

function totalCost({ processorMs }: Pick<Figures, 'processorMs'>): number {
  return Object.values(processorMs).reduce((sum, ms) => sum + ms, 0);
}

function costs({ processorMs }: Figures): string {
  const parts = Object.entries(processorMs).map(([name, ms]) => `${name} ${ms}`);
  return [...parts, `in all ${rounded(totalCost({ processorMs }))}`].join(', ');
}

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function goalLine(what: string, value: number, bound: 'at least' | 'at most', goal: number): string {
  const met = bound === 'at least' ? value >= goal : value <= goal;
  return `${what}: ${value} (goal: ${bound} ${goal}${met ? '' : ', MISSED'})`;
}

import type { Measured } from './measure.ts';
import type { ProcessorTime } from './processorTime.ts';

/** Milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface Figures {
  messages: number;
  failed: number;
  /** Messages answered a second. */
  throughput: number;
  ackMs: Percentiles;
  replyMs: Percentiles;
  /** Milliseconds of processor time a message, by process. */
  processorMs: ProcessorTime;
  /** The largest share of the machine that others had in one of the rounds. */
  takenByOthers: number;
}

export function figuresOf(samples: readonly Measured[]): Figures {
  const latencies = samples.flatMap((sample) => sample.latencies);
  const elapsedMs = samples.reduce((sum, sample) => sum + sample.elapsedMs, 0);
  return {
    messages: latencies.length,
    failed: samples.reduce((sum, { failed }) => sum + failed, 0),
    throughput: rounded((latencies.length / elapsedMs) * 1_000),
    ackMs: percentiles(latencies.map(({ ackMs }) => ackMs)),
    replyMs: percentiles(latencies.map(({ replyMs }) => replyMs)),
    processorMs: processorMsOf(samples, latencies.length),
    takenByOthers: rounded(Math.max(...samples.map((sample) => sample.takenByOthers))),
  };
}

function processorMsOf(samples: readonly Measured[], messages: number): ProcessorTime {
  const names = Object.keys(samples[0]?.processorMs ?? {});
  const total = (name: string) => samples.reduce((sum, { processorMs }) => sum + (processorMs[name] ?? 0), 0);
  return Object.fromEntries(names.map((name) => [name, rounded(total(name) / messages)]));
}

export function percentiles(values: number[]): Percentiles {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Two decimals. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

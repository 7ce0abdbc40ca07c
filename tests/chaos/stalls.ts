import type { Outage } from './killer.ts';
import { KILL_KINDS, type KillKind } from './plan.ts';
import { marksIn } from './scenario.ts';
import type { Visitor } from './visitor.ts';

/** From the visitor's key press to the flow's reply on the socket, epoch milliseconds. */
export interface Exchange {
  mark: string;
  from: number;
  until: number;
}

export interface Stalls {
  /** Longest wait for a reply that one outage alone can have delayed. */
  longestStallMs: Record<KillKind, number>;
  /** The same for messages that met several outages, of one kind or another. */
  overlappingStallMs: number;
  /** The longest and the middle wait of messages that met none. */
  baselineMs: { longest: number; median: number };
  /** The slowest of each kind, in words. */
  slowest: string[];
}

/** Every message of a visitor that the flow has answered. */
export function exchangesOf({ sent, shown }: Pick<Visitor, 'sent' | 'shown'>): Exchange[] {
  const repliedAt = new Map<string, number>();
  for (const { at, message } of shown) {
    for (const mark of marksIn(message.text, 'r')) repliedAt.set(mark.replace('r', 'm'), at);
  }
  return sent.flatMap(({ text, at }) => {
    const [mark = ''] = marksIn(text, 'm');
    const until = repliedAt.get(mark);
    return until === undefined ? [] : [{ mark, from: at, until }];
  });
}

/** What visitors waited, by the kind of the outage that their wait overlaps. */
export function measureStalls(exchanges: readonly Exchange[], outages: readonly Outage[]): Stalls {
  const waits = new Map<KillKind | 'none' | 'several', Exchange[]>();
  for (const exchange of exchanges) {
    const met = outages.filter(({ from, until }) => exchange.until >= from && exchange.from <= until);
    const group = met.length > 1 ? 'several' : (met[0]?.kind ?? 'none');
    waits.set(group, [...(waits.get(group) ?? []), exchange]);
  }
  const slowest = (group: KillKind | 'none' | 'several') => (waits.get(group) ?? []).sort(bySlowness)[0];
  const longest = (group: KillKind | 'none' | 'several') => waitOf(slowest(group));
  const calm = (waits.get('none') ?? []).map(waitOf).sort((a, b) => a - b);
  return {
    longestStallMs: Object.fromEntries(KILL_KINDS.map((kind) => [kind, longest(kind)])) as Record<KillKind, number>,
    overlappingStallMs: longest('several'),
    baselineMs: { longest: longest('none'), median: calm[Math.floor(calm.length / 2)] ?? 0 },
    slowest: [...KILL_KINDS, 'several' as const, 'none' as const].flatMap((group) => {
      const exchange = slowest(group);
      if (!exchange) return [];
      const sentAt = new Date(exchange.from).toISOString();
      return [`${group}: ${exchange.mark} waited ${waitOf(exchange)} ms, sent at ${sentAt}`];
    }),
  };
}

function bySlowness(a: Exchange, b: Exchange): number {
  return waitOf(b) - waitOf(a);
}

function waitOf(exchange: Exchange | undefined): number {
  return exchange ? exchange.until - exchange.from : 0;
}

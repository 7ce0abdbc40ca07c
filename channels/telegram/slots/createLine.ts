import type { OutboxPriority } from '../../../contracts/outboxPriority.ts';
import { URGENT_AFTER_MS } from './slots.ts';

/** Somebody who waits for a write to a group. */
export interface Waiter {
  owner: string;
  priority: OutboxPriority;
  since: number;
  /** When it was told to ask again. */
  due: number;
}

/**
 * The waiters of a group in the order in which they get their turns. `next` takes out who goes first at the time `at`;
 * times must not decrease.
 */
export function createLine(waiters: Iterable<Waiter>): { next(at: number): Waiter | undefined } {
  const queues = new Map<OutboxPriority, Waiter[]>();
  for (const waiter of waiters) {
    const queue = queues.get(waiter.priority) ?? [];
    queue.push(waiter);
    queues.set(waiter.priority, queue);
  }
  for (const queue of queues.values()) queue.sort((a, b) => a.since - b.since);

  return {
    next(at) {
      const heads = [...queues.values()].flatMap(([head]) => (head ? [head] : []));
      const first = heads.sort((a, b) => rankAt(a, at) - rankAt(b, at) || a.since - b.since)[0];
      return first && queues.get(first.priority)?.shift();
    },
  };
}

/** Of two who both count as urgent the longest waiting goes first. */
function rankAt({ priority, since }: Waiter, at: number): number {
  return at - since >= URGENT_AFTER_MS[priority] ? 0 : priority;
}

import type { Sent } from '../path.ts';

const LOST_AFTER_MS = 30_000;

export interface Latency {
  ackMs: number;
  replyMs: number;
}

/** What one load on one path measured. */
export interface Sample {
  latencies: Latency[];
  /** Messages that were refused, or not answered within 30 s. */
  failed: number;
  elapsedMs: number;
}

/** A message's latencies from `since` (of `performance.now()`); undefined when it failed. */
export async function settle({ acked, replied }: Sent, since: number): Promise<Latency | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LOST_AFTER_MS);
  });
  try {
    const moments = await Promise.race([Promise.all([acked, replied]), lost]);
    return moments && { ackMs: moments[0] - since, replyMs: moments[1] - since };
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

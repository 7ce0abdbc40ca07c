import type { Sent } from '../path.ts';

const LOST_AFTER_MS = 30_000;

export interface Latency {
  ackMs: number;
  replyMs: number;
}

/** What one load on one path measured. */
export interface Sample {
  latencies: Latency[];
  elapsedMs: number;
}

/** A message's latencies from `since` (of `performance.now()`). Rejects when it was refused or has not been answered. */
export async function settle({ acked, replied }: Sent, since: number): Promise<Latency> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`A message was not answered within ${LOST_AFTER_MS} ms`)), LOST_AFTER_MS);
  });
  try {
    const [ackAt, replyAt] = await Promise.race([Promise.all([acked, replied]), lost]);
    return { ackMs: ackAt - since, replyMs: replyAt - since };
  } finally {
    clearTimeout(timer);
  }
}

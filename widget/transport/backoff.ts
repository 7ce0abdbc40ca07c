const BASE_MS = 400;
const CEILING_MS = 30_000;

/** Milliseconds to wait before try number `attempt` (from 0): doubling, with half of it random so that clients do not return together. */
export function backoffDelay(attempt: number, random: () => number): number {
  const step = Math.min(CEILING_MS, BASE_MS * 2 ** attempt);
  return step / 2 + (random() * step) / 2;
}

/** A channel that stays broken is tried less and less often; a repair that Telegram tells of is met at once. */
const LONGEST_RETRY_MS = 10 * 60_000;

/**
 * Milliseconds until a parked delivery is tried again: `retryMs` at first, then twice as long each time. `tries` is how often the
 * same outage was met before. Never sooner than what was asked for.
 */
export function parkedRetryMs(retryMs: number, tries: number): number {
  return Math.max(retryMs, Math.min(retryMs * 2 ** tries, LONGEST_RETRY_MS));
}

import { Context } from '@temporalio/activity';

/**
 * The workflow's clock inside of an activity that it gave `now`, its time when it asked. A repeated attempt has the same
 * arguments: what passed until then is the server's to say.
 */
export function workflowClock(now: number): () => number {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  const startedAt = performance.now() - (currentAttemptScheduledTimestampMs - scheduledTimestampMs);
  return () => now + performance.now() - startedAt;
}

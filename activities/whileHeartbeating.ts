import { Context } from '@temporalio/activity';

/** Runs an activity's work and tells Temporal every `intervalMs` that this worker is alive; cancellation is learnt of thereby. */
export async function whileHeartbeating<T>(intervalMs: number, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

import { Context } from '@temporalio/activity';

const INTERVAL_MS = 3_000;

/** Runs an activity's work and tells Temporal meanwhile that this worker is alive. */
export async function whileHeartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

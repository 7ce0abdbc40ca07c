import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from '../../db/databaseError.ts';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 300;

/**
 * Repeats a settlement while the database is out of reach: what Telegram answered is known here alone, and an attempt that
 * gave up would leave its rows to be sent a second time.
 */
export async function keepSettling<T>(settle: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await settle();
    } catch (error) {
      const passes = error instanceof DatabaseError && error.code === 'database_unavailable';
      if (!passes || Date.now() > until) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

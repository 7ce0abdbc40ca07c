import { createHash } from 'node:crypto';
import type { Counter } from 'prom-client';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import type { CounterStore } from '../limits/counterStore.ts';

/** Typing errors of a person; a program that guesses gets no further than these at once. */
const FREE_ATTEMPTS = 5;
/** Then one attempt in 30 s, in 60 s, … up to 15 minutes: about 100 guesses a day. */
const FIRST_PAUSE_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 15 * 60;
const FORGET_AFTER_SECONDS = 24 * 60 * 60;

const WRONG_SECRETS: ErrorCode[] = ['credentials_invalid', 'password_wrong', 'second_factor_invalid'];

export interface Lockout {
  /**
   * Runs an attempt to prove to be somebody. After five wrong ones in a row the next have to wait, each twice as long as the one
   * before; `subject` may be an address that has no account, so the answers are the same. Throws `rate_limited`.
   */
  guard<T>(subject: string, attempt: () => Promise<T>): Promise<T>;
}

/** Counts in the store, so over all instances; it sees hashes of subjects only. */
export function createLockout({ store, refusals }: { store: CounterStore; refusals: Counter<'limit'> }): Lockout {
  async function waitForTurn(key: string, attempts: number): Promise<void> {
    const pause = FIRST_PAUSE_SECONDS * 2 ** (attempts - FREE_ATTEMPTS - 1);
    const turn = await store.add(`${key}:turn`, 1, Math.min(pause, LONGEST_PAUSE_SECONDS));
    if (turn.consumed === 1) return;
    // Whoever was refused has guessed nothing, and does not make the pauses longer.
    await store.add(`${key}:attempts`, -1, FORGET_AFTER_SECONDS);
    refusals.inc({ limit: 'account.attempt' });
    const retryAfterSeconds = Math.max(1, Math.ceil(turn.msLeft / 1_000));
    throw new CodedError('rate_limited', 'Too many failed attempts.', { retryAfterSeconds });
  }

  return {
    async guard(subject, attempt) {
      const key = `account:${createHash('sha256').update(subject).digest('base64url')}`;
      // Counted before it is made: of many at once, no more than five are free.
      const { consumed } = await store.add(`${key}:attempts`, 1, FORGET_AFTER_SECONDS);
      if (consumed > FREE_ATTEMPTS) await waitForTurn(key, consumed);
      try {
        const result = await attempt();
        await Promise.all([store.set(`${key}:attempts`, 0, 1), store.set(`${key}:turn`, 0, 1)]);
        return result;
      } catch (error) {
        const isWrong = error instanceof CodedError && WRONG_SECRETS.includes(error.code);
        if (!isWrong) await store.add(`${key}:attempts`, -1, FORGET_AFTER_SECONDS);
        throw error;
      }
    },
  };
}

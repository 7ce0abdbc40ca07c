import { CodedError } from '../contracts/errors.ts';
import { DatabaseError } from './databaseError.ts';

const SQLSTATES = { taken: '23505', referenced: '23503' } as const;

/**
 * Gives a constraint's refusal words that a client may read, as `conflict`: `taken` for what must be unique, `referenced` for a
 * row that another one needs, or needed but missing. Other errors pass.
 */
export async function explainRefusal<T>(
  writing: Promise<T>,
  words: Partial<Record<keyof typeof SQLSTATES, string>>,
): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const state = error instanceof DatabaseError ? error.sqlState : undefined;
    if (words.taken && state === SQLSTATES.taken) throw new CodedError('conflict', words.taken);
    if (words.referenced && state === SQLSTATES.referenced) throw new CodedError('conflict', words.referenced);
    throw error;
  }
}

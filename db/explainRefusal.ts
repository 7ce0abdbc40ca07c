import { CodedError, type ErrorCode } from '../contracts/errors.ts';
import { DatabaseError } from './databaseError.ts';

const SQLSTATES = { taken: '23505', referenced: '23503' } as const;

/**
 * Gives a constraint's refusal words that a client may read, as `conflict`: `taken` for what must be unique, `referenced` for a
 * row that another one needs, or needed but missing. A constraint that is named has its own code. Others pass.
 */
export async function explainRefusal<T>(
  writing: Promise<T>,
  words: Partial<Record<keyof typeof SQLSTATES, string>>,
  named: Readonly<Record<string, { code: ErrorCode; message: string }>> = {},
): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const { sqlState: state, constraint = '' } = error instanceof DatabaseError ? error : {};
    const own = named[constraint];
    if (own) throw new CodedError(own.code, own.message);
    if (words.taken && state === SQLSTATES.taken) throw new CodedError('conflict', words.taken);
    if (words.referenced && state === SQLSTATES.referenced) throw new CodedError('conflict', words.referenced);
    throw error;
  }
}

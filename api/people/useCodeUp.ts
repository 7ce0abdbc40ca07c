import type { SingleUse } from '../edge/singleUse.ts';

/** The code of an app counts during its own 30 s and those before and after. */
const COUNTS_FOR_MS = 90_000;

/**
 * Whether this is the first use of a code that is right: it counts once (RFC 6238, 5.2), so that nobody signs in with one that they
 * saw being typed.
 */
export function useCodeUp(singleUse: SingleUse, userId: string, code: string): Promise<boolean> {
  return singleUse.take(`totp:${userId}:${code}`, new Date(Date.now() + COUNTS_FOR_MS));
}

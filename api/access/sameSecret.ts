import { createHash, timingSafeEqual } from 'node:crypto';

/** Hashes are compared, so that neither length nor content show in the time it takes. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

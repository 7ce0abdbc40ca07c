import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedId } from '../../../workflows/conversation/derivedId.ts';

/** FNV-1a with 128 bits by the book (draft-eastlake-fnv), a character a step. */
function fnv1a128(name: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash ^ BigInt(name.charCodeAt(i))) * 0x1000000000000000000013bn) & ((1n << 128n) - 1n);
  }
  return hash.toString(16).padStart(32, '0');
}

describe('derivedId', () => {
  it('is the hash of the name, as a UUID of version 8', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (name) => {
        const id = derivedId(name);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        const digits = id.replaceAll('-', '');
        const hash = fnv1a128(name);
        // All but the version's and the variant's digit.
        for (const [from, to] of [
          [0, 12],
          [13, 16],
          [17, 32],
        ])
          expect(digits.slice(from, to)).toBe(hash.slice(from, to));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../../channels/telegram/splitText.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const LONE_SURROGATE = /\p{Surrogate}/u;
const FAMILY = '👩‍👩‍👧‍👦';

/** The word that a cut goes through, or nothing when it lies between words. */
function wordAcross(text: string, cut: number): string {
  const before = /\S*$/.exec(text.slice(0, cut))?.[0] ?? '';
  const after = /^\S*/.exec(text.slice(cut))?.[0] ?? '';
  return before && after ? before + after : '';
}

describe('splitText', () => {
  it('leaves a text that fits alone', () => {
    expect(splitText('x'.repeat(4_096))).toEqual(['x'.repeat(4_096)]);
    expect(splitText('x'.repeat(4_097)).map(({ length }) => length)).toEqual([4_096, 1]);
  });

  it('prefers the end of a line, then of a word', () => {
    expect(splitText('one two\nthree four', 14)).toEqual(['one two\n', 'three four']);
    expect(splitText('one two three', 9)).toEqual(['one two ', 'three']);
    expect(splitText('one two', 3)).toEqual(['one', ' ', 'two']);
  });

  it('keeps emoji and accents whole', () => {
    expect(splitText(FAMILY.repeat(3), 25)).toEqual([FAMILY.repeat(2), FAMILY]);
    expect(splitText('e\u0301'.repeat(3), 3)).toEqual(['e\u0301', 'e\u0301', 'e\u0301']);
  });

  it('cuts a grapheme only when it is longer than a piece, and never a surrogate pair', () => {
    for (const piece of splitText('👍'.repeat(10), 3)) expect(piece).not.toMatch(LONE_SURROGATE);
    for (const piece of splitText(FAMILY, 5)) expect(piece).not.toMatch(LONE_SURROGATE);
  });

  it('loses nothing, keeps the limit, and cuts words only that are longer than a piece', () => {
    const token = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom(' ', '\n', ' ', FAMILY, '\r\n', 'שלום', '🇩🇪'),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), fc.integer({ min: 40, max: 80 }), (tokens, limit) => {
        const text = tokens.join('');
        const pieces = splitText(text, limit);
        expect(pieces.join('')).toBe(text);
        expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(limit);
        expect(pieces.filter((piece) => LONE_SURROGATE.test(piece))).toEqual([]);
        const cuts = pieces.slice(0, -1).map((_, index) => pieces.slice(0, index + 1).join('').length);
        const boundaries = new Set([...segmenter.segment(text)].map(({ index }) => index));
        expect(cuts.filter((cut) => !boundaries.has(cut))).toEqual([]);
        expect(
          cuts.map((cut) => wordAcross(text, cut)).filter((word) => word !== '' && word.length < limit / 2),
        ).toEqual([]);
      }),
    );
  });
});

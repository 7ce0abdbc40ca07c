import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FLOW_LIMITS } from '../../../contracts/flowLimits.ts';
import { patternDanger } from '../../../flows/patternDanger.ts';

const repeat = fc.constantFrom('', '', '', '', '', '', '*', '+', '?', '{1,3}', '{2}', '{0,40}', '*?', '{2,}');
const atom = fc.constantFrom('a', 'b', '[ab]', '\\w', '\\s', '.', 'A', '[^a]', '\\b', 'ab');
const { pattern } = fc.letrec<{ pattern: string; sequence: string; part: string }>((tie) => ({
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((options) => options.join('|')),
  sequence: fc.array(tie('part'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
  part: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        atom,
        tie('pattern').map((inner) => `(?:${inner})`),
      ),
      repeat,
    )
    .map(([inner, count]) => (inner === '\\b' ? inner : inner === 'ab' && count ? `(?:ab)${count}` : inner + count)),
}));

/** Texts on which backtracking hurts: long runs that nearly match. */
const hostile = fc
  .tuple(fc.constantFrom('a', 'b', 'ab', ' ', 'a ', 'aab'), fc.constantFrom('', '!', 'b', 'a', ' '))
  .map(([unit, end]) => unit.repeat(FLOW_LIMITS.matchedLength).slice(0, FLOW_LIMITS.matchedLength - 1) + end);

test('no accepted pattern takes long, however it is anchored and whatever the text', { timeout: 60_000 }, () => {
  let accepted = 0;
  fc.assert(
    fc.property(pattern, fc.boolean(), fc.array(hostile, { minLength: 3, maxLength: 5 }), (source, whole, texts) => {
      const tried = whole ? `^(?:${source})$` : `${source}!!`;
      if (patternDanger(tried) !== undefined) return;
      accepted++;
      const matcher = new RegExp(tried, 'iu');
      for (const text of texts) {
        const started = performance.now();
        matcher.test(text);
        expect(performance.now() - started).toBeLessThan(1_000);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

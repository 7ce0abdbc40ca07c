import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlidingWindow } from '../../../../api/limits/slidingWindow.ts';

const POINTS = 30;
const MS = 10_000;

it('lets through 30 in 10 s and says when the next one may come', () => {
  const window = new SlidingWindow(POINTS, MS);
  for (let count = 0; count < POINTS; count += 1) expect(window.take(count)).toBe(0);
  expect(window.take(4_000)).toBe(6_000);
  expect(window.take(9_999)).toBe(1);
  expect(window.take(10_000)).toBe(0);
  expect(window.take(10_000)).toBe(1);
});

it('never lets more through in any 10 s, and refuses nothing that would fit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 300 }), (gaps) => {
      const window = new SlidingWindow(POINTS, MS);
      const passed: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const recent = passed.filter((at) => now - at < MS).length;
        const waitMs = window.take(now);
        expect(waitMs === 0).toBe(recent < POINTS);
        if (waitMs === 0) passed.push(now);
        // Then, and not a moment before, there is room again.
        const later = waitMs === 0 ? 0 : passed.filter((at) => now + waitMs - at < MS).length;
        expect(later).toBe(waitMs === 0 ? 0 : POINTS - 1);
      }
    }),
  );
});

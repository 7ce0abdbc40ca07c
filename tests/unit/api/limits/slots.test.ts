import { expect, it } from 'vitest';
import { Slots } from '../../../../api/limits/slots.ts';

it('gives as many as there are, and each back once', () => {
  const slots = new Slots();
  const first = slots.take('a', 2);
  expect(first).toBeDefined();
  expect(slots.take('a', 2)).toBeDefined();
  expect(slots.take('a', 2)).toBeUndefined();
  expect(slots.take('b', 2)).toBeDefined();
  first?.();
  first?.();
  expect(slots.take('a', 2)).toBeDefined();
  expect(slots.take('a', 2)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { RecentSet } from '../../../api/recentSet.ts';

it('forgets what was added longest ago', () => {
  const recent = new RecentSet(2);
  recent.add('a');
  recent.add('b');
  recent.add('a');
  recent.add('c');
  expect(['a', 'b', 'c'].filter((value) => recent.has(value))).toEqual(['a', 'c']);
});

it('forgets what is deleted', () => {
  const recent = new RecentSet(2);
  recent.add('a');
  recent.delete('a');
  expect(recent.has('a')).toBe(false);
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExpiringIds } from '../../../api/edge/expiringIds.ts';

describe('ids until their end', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const inSeconds = (seconds: number) => Date.now() + seconds * 1_000;

  it('are new once, and known until their end', () => {
    const ids = new ExpiringIds(10);
    expect(ids.add('a', inSeconds(60))).toBe('new');
    expect(ids.add('a', inSeconds(60))).toBe('known');
    expect(ids.add('b', inSeconds(60))).toBe('new');
    vi.advanceTimersByTime(60_000);
    expect(ids.add('a', inSeconds(0))).toBe('known');
  });

  it('of one that ends before those that were forgotten, nobody can tell; what ends later is told apart', () => {
    const ids = new ExpiringIds(2);
    ids.add('a', inSeconds(10));
    ids.add('b', inSeconds(20));
    // Makes room: the one that ends first goes.
    expect(ids.add('c', inSeconds(30))).toBe('new');
    expect(ids.add('a', inSeconds(10))).toBe('unsure');
    expect(ids.add('d', inSeconds(5))).toBe('unsure');
    expect(ids.add('c', inSeconds(30))).toBe('known');
    expect(ids.add('e', inSeconds(40))).toBe('new');
  });

  it('stay bounded however many come, and never pass twice', () => {
    const ids = new ExpiringIds(100);
    const passed = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      for (let number = 0; number < 30; number += 1) {
        const id = `${(round * 7 + number) % 200}`;
        const answer = ids.add(id, inSeconds(Number(id)));
        if (answer !== 'new') continue;
        expect(passed.has(id)).toBe(false);
        passed.add(id);
      }
    }
  });
});

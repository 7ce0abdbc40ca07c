import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StaleCache } from '../../../api/edge/staleCache.ts';

describe('a stale cache', () => {
  const load = vi.fn<(key: string) => Promise<string>>();
  const cacheOf = (maxEntries = 10) => new StaleCache({ load, freshMs: 5_000, patienceMs: 300, maxEntries });

  beforeEach(() => {
    vi.useFakeTimers();
    load.mockReset();
    load.mockImplementation(async (key) => `${key} ${load.mock.calls.length}`);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('loads once for all that ask at once, and again when the value is old', async () => {
    const cache = cacheOf();
    expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual(['a 1', 'a 1']);
    vi.advanceTimersByTime(4_999);
    expect(await cache.get('a')).toBe('a 1');
    vi.advanceTimersByTime(1);
    expect(await cache.get('a')).toBe('a 2');
  });

  it('gives the old value when loading fails, and rejects when there is none', async () => {
    const cache = cacheOf();
    await cache.get('a');
    vi.advanceTimersByTime(60_000);
    load.mockRejectedValue(new Error('out of reach'));
    expect(await cache.get('a')).toBe('a 1');
    await expect(cache.get('b')).rejects.toThrow('out of reach');
  });

  it('does not wait longer than its patience for a source that says nothing', async () => {
    const cache = cacheOf();
    await cache.get('a');
    vi.advanceTimersByTime(60_000);
    load.mockReturnValue(new Promise(() => {}));
    const value = cache.get('a');
    await vi.advanceTimersByTimeAsync(300);
    expect(await value).toBe('a 1');
  });

  it('forgets the one that was loaded longest ago when it is full', async () => {
    const cache = cacheOf(2);
    for (const key of ['a', 'b', 'c']) await cache.get(key);
    expect(await cache.get('b')).toBe('b 2');
    expect(await cache.get('a')).toBe('a 4');
  });
});

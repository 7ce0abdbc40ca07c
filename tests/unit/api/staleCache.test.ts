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

  it('does not remember what does not exist: guesses drive out nothing', async () => {
    const find = vi.fn<(key: string) => Promise<string | undefined>>(async (key) =>
      key.startsWith('real') ? key : undefined,
    );
    const cache = new StaleCache({ load: find, freshMs: 5_000, patienceMs: 300, maxEntries: 2 });
    await cache.get('real');
    for (const key of ['guess 1', 'guess 2', 'guess 3']) expect(await cache.get(key)).toBeUndefined();
    await cache.get('real');
    expect(find).toHaveBeenCalledTimes(4);
    find.mockResolvedValue(undefined);
    vi.advanceTimersByTime(5_000);
    expect(await cache.get('real')).toBeUndefined();
    find.mockRejectedValue(new Error('out of reach'));
    await expect(cache.get('real')).rejects.toThrow('out of reach');
  });
});

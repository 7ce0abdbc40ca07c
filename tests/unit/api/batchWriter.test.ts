import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBatchWriter } from '../../../api/edge/batchWriter.ts';

describe('createBatchWriter', () => {
  let written: [string, number[]][];
  let dropped: number;
  let broken: boolean;
  beforeEach(() => {
    vi.useFakeTimers();
    written = [];
    dropped = 0;
    broken = false;
  });
  afterEach(() => vi.useRealTimers());

  const writerOf = (maxItems: number) =>
    createBatchWriter<number>({
      maxItems,
      everyMs: 1_000,
      async write(tenantId, items) {
        if (broken) throw new Error('The database is out of reach');
        written.push([tenantId, items]);
      },
      onDropped: (count) => {
        dropped += count;
      },
    });

  it('writes what came within a second as one batch a tenant', async () => {
    const writer = writerOf(100);
    writer.add('a', 1);
    writer.add('b', 2);
    writer.add('a', 3);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
    expect(dropped).toBe(0);
  });

  it('keeps one in ten above half of what may wait, and no more than that may wait', async () => {
    const writer = writerOf(100);
    for (let item = 1; item <= 1_000; item += 1) writer.add('a', item);
    await vi.advanceTimersByTimeAsync(1_000);
    const [batch] = written;
    expect(batch?.[1]).toHaveLength(100);
    expect(batch?.[1].slice(50, 53)).toEqual([60, 70, 80]);
    expect(dropped).toBe(900);
    writer.add('a', 0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written[1]).toEqual(['a', [0]]);
  });

  it('drops what cannot be written, and writes what is left when it is closed', async () => {
    const writer = writerOf(100);
    broken = true;
    writer.add('a', 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(dropped).toBe(1);
    broken = false;
    writer.add('a', 2);
    await writer.close();
    writer.add('a', 3);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([written, dropped]).toEqual([[['a', [2]]], 2]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Limits } from '../../../../api/limits/createLimits.ts';
import { CodedError } from '../../../../contracts/errors.ts';
import { testLimits } from '../../../support/testLimits.ts';

const MINUTE = 60_000;

/** Seconds to wait; 0 when it was let through. */
async function wait(run: () => void | Promise<void>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'rate_limited') throw error;
    return error.retryAfterSeconds ?? Number.NaN;
  }
}

describe('one instance', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (limits: Limits) => wait(() => limits.consume('ip.start', '203.0.113.7'));
  async function times(count: number, run: () => Promise<number>): Promise<number[]> {
    const waits: number[] = [];
    for (let turn = 0; turn < count; turn += 1) waits.push(await run());
    return waits;
  }

  it('lets through what the table says, each window anew, and each subject by itself', async () => {
    const limits = testLimits();
    expect(await times(10, () => start(limits))).toEqual(Array.from({ length: 10 }, () => 0));
    vi.advanceTimersByTime(20_000);
    expect(await start(limits)).toBe(40);
    expect(await wait(() => limits.consume('ip.start', '203.0.113.8'))).toBe(0);
    vi.advanceTimersByTime(40_000);
    expect(await start(limits)).toBe(0);
  });

  it('keeps out twice as long, then four times, whoever asks on; an hour at most', async () => {
    const limits = testLimits();
    const lastOf = async (count: number) => (await times(count, () => start(limits))).at(-1);
    await times(10, () => start(limits));
    expect(await lastOf(9)).toBe(60);
    expect(await lastOf(1)).toBe(120);
    expect(await lastOf(9)).toBe(120);
    expect(await lastOf(1)).toBe(240);
    expect(await lastOf(10)).toBe(480);
    for (let strike = 0; strike < 5; strike += 1) await lastOf(10);
    expect(await lastOf(1)).toBe(3_600);
  });

  it('does not count a single refusal as abuse, however often it comes', async () => {
    const limits = testLimits();
    for (let minute = 0; minute < 30; minute += 1) {
      const waits = await times(12, () => start(limits));
      expect(waits.slice(10)).toEqual([60, 60]);
      vi.advanceTimersByTime(MINUTE);
    }
  });

  it('forgets after a calm as long as the block, and remembers before', async () => {
    const limits = testLimits();
    const abuse = async () => (await times(20, () => start(limits))).at(-1);
    expect(await abuse()).toBe(120);
    vi.advanceTimersByTime(3 * MINUTE);
    // Remembered: the second strike.
    expect(await abuse()).toBe(240);
    vi.advanceTimersByTime(8 * MINUTE + 1_000);
    expect(await abuse()).toBe(120);
  });

  it('counts a message without waiting, for each conversation', async () => {
    const limits = testLimits();
    const say = () => wait(() => limits.spend('conversation.message', 'one'));
    expect(await times(31, say)).toEqual([...Array.from({ length: 30 }, () => 0), 10]);
    expect(await wait(() => limits.spend('conversation.message', 'another'))).toBe(0);
    // The window began with the first report, a tenth of a second later.
    await vi.advanceTimersByTimeAsync(10_100);
    expect(await say()).toBe(0);
  });

  it('takes a subject’s own figure, and gives back what did not come about', async () => {
    const limits = testLimits();
    const request = () => wait(() => limits.consume('apiKey.request', 'key', { limit: 2 }));
    expect(await times(3, request)).toEqual([0, 0, 60]);
    const rename = (title: string) => wait(() => limits.consumeOnce('conversation.rename', 'one', title));
    for (const title of ['A', 'B', 'A', 'C', 'C', 'B']) expect(await rename(title)).toBe(0);
    expect(await rename('D')).toBe(24 * 3_600);
    await limits.giveBack('conversation.rename', 'one', 'B');
    expect(await rename('D')).toBe(0);
    expect(await rename('B')).toBe(24 * 3_600);
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(await rename('B')).toBe(0);
  });

  it('allows a share of each limit where several instances count for themselves, never nothing', async () => {
    const limits = testLimits({ instances: 4 });
    expect(await times(3, () => start(limits))).toEqual([0, 0, 60]);
    const rename = () => wait(() => limits.consume('conversation.rename', 'one'));
    expect(await times(2, rename)).toEqual([0, 24 * 3_600]);
  });
});

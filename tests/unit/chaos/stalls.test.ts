import { expect, it } from 'vitest';
import type { Outage } from '../../chaos/killer.ts';
import { exchangesOf, measureStalls } from '../../chaos/stalls.ts';

const message = (text: string) => ({
  id: text,
  seq: 1,
  direction: 'OUTBOUND' as const,
  author: { kind: 'bot' as const },
  text,
  createdAt: '2026-01-01T00:00:00.000Z',
});

it('measures from the key press to the flow’s reply, and leaves out what had none', () => {
  const sent = ['Please note m3-0.', 'Please note m3-1.'].map((text, index) => ({
    text,
    at: 1_000 * index,
    clientMessageId: text,
  }));
  expect(exchangesOf({ sent, shown: [{ at: 250, message: message('Noted r3-0.') }] })).toEqual([
    { mark: 'm3-0.', from: 0, until: 250 },
  ]);
});

it('counts a wait for the one outage that it met, and apart when it met several', () => {
  const outages: Outage[] = [
    { kind: 'redis', from: 10_000, until: 13_000 },
    { kind: 'worker', from: 20_000, until: 26_000 },
    { kind: 'worker', from: 25_000, until: 30_000 },
  ];
  const wait = (from: number, until: number) => ({ mark: `m0-${from}.`, from, until });
  const exchanges = [
    wait(1_000, 1_030),
    wait(2_000, 2_050),
    wait(9_900, 10_700),
    wait(12_999, 13_100),
    wait(21_000, 22_400),
    wait(24_000, 27_000),
  ];
  expect(measureStalls(exchanges, outages)).toMatchObject({
    longestStallMs: { api: 0, worker: 1_400, redis: 800, postgres: 0, temporal: 0, emulator: 0 },
    overlappingStallMs: 3_000,
    baselineMs: { longest: 50, median: 50 },
  });
});

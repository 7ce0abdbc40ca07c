import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemorySlots } from '../../../channels/telegram/slots/createMemorySlots.ts';
import { type SlotRequest, TELEGRAM_LIMITS } from '../../../channels/telegram/slots/slots.ts';
import type { OutboxPriority } from '../../../contracts/outboxPriority.ts';
import { mostInAnyWindow } from '../../telegram/fixtures/mostInAnyWindow.ts';

const ask = fc.record({
  kind: fc.constant('ask' as const),
  group: fc.integer({ min: 1, max: 4 }),
  owner: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 0, max: 4 }).map((value) => value as OutboxPriority),
  wanted: fc.integer({ min: 1, max: 4 }),
});
const step = fc.oneof(
  { weight: 10, arbitrary: ask },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 90_000 }) }) },
);

function request(owner: string, chatId: string, more: Partial<SlotRequest> = {}): SlotRequest {
  return { botIds: ['bot'], chatId, owner, priority: 1, since: 0, scope: 'messages', wanted: 1, ...more };
}

describe('slots of one process', () => {
  it('never exceed a window nor break a pause, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        let now = 1_000_000;
        let pausedUntil = 0;
        const slots = createMemorySlots(TELEGRAM_LIMITS, () => now);
        const used: { group: string; at: number }[] = [];
        const wrong: unknown[] = [];
        for (const action of steps) {
          if (action.kind === 'wait') now += action.ms;
          if (action.kind === 'pause') {
            await slots.pause('bot', '1', action.ms);
            pausedUntil = Math.max(pausedUntil, now + action.ms);
          }
          if (action.kind !== 'ask') continue;
          const { owner, group, priority, wanted } = action;
          const answer = await slots.reserve(request(`c${owner}`, String(group), { priority, wanted, since: now }));
          if (answer.kind !== 'granted') continue;
          if (answer.writes > wanted || (group === 1 && now < pausedUntil)) wrong.push({ action, answer });
          for (let write = 0; write < answer.writes; write += 1) used.push({ group: String(group), at: now });
        }
        expect(wrong).toEqual([]);
        for (const group of ['1', '2', '3', '4']) {
          const times = used.filter((slot) => slot.group === group).map(({ at }) => at);
          expect(mostInAnyWindow(times, 62_000)).toBeLessThanOrEqual(20);
          expect(mostInAnyWindow(times, 3_000)).toBeLessThanOrEqual(3);
        }
        const all = used.map(({ at }) => at);
        expect(mostInAnyWindow(all, 1_000)).toBeLessThanOrEqual(30);
      }),
      { numRuns: 200 },
    );
  });

  it('wastes nothing: 60 writes of one group take the two minutes that the budget makes of them', async () => {
    let now = 0;
    const slots = createMemorySlots(TELEGRAM_LIMITS, () => now);
    const due = new Map(Array.from({ length: 60 }, (_, index) => [`c${index}`, 0]));
    for (; due.size > 0; now = Math.min(...due.values())) {
      for (const [owner, at] of due) {
        if (at > now) continue;
        const answer = await slots.reserve(request(owner, 'g', { since: Number(owner.slice(1)) }));
        if (answer.kind === 'granted') due.delete(owner);
        else due.set(owner, now + answer.waitMs);
      }
      if (due.size === 0) break;
    }
    expect(now).toBeLessThanOrEqual(2 * 62_000 + 18_000);
  });

  it('gathers what is said while topics are made: under pressure 20 new topics come first, then what was said in them', async () => {
    let now = 0;
    const slots = createMemorySlots(TELEGRAM_LIMITS, () => now);
    const writes = new Map<string, number>();
    const due = new Map(Array.from({ length: 60 }, (_, index) => [`c${index}`, index * 100]));
    for (; due.size > 0; now = Math.min(...due.values())) {
      for (const [owner, at] of due) {
        if (at > now) continue;
        const made = writes.has(owner);
        const since = Number(owner.slice(1)) * 100;
        const answer = await slots.reserve(request(owner, 'g', { since, priority: made ? 1 : 0 }));
        if (answer.kind === 'wait') due.set(owner, now + answer.waitMs);
        if (answer.kind !== 'granted') continue;
        writes.set(owner, now);
        if (made) due.delete(owner);
      }
      if (due.size === 0) break;
    }
    const byAMinuteAndAHalf = [...writes.values()].filter((at) => at < 90_000).length;
    expect(byAMinuteAndAHalf).toBeGreaterThanOrEqual(19);
    expect(now).toBeLessThanOrEqual(5 * 62_000 + 20_000);
  });
});

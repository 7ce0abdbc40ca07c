import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemorySlots } from '../../../channels/telegram/slots/createMemorySlots.ts';
import { TELEGRAM_LIMITS } from '../../../channels/telegram/slots/slots.ts';
import { mostInAnyWindow } from '../../telegram/fixtures/mostInAnyWindow.ts';

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('reserve' as const), group: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 90_000 }) }) },
);

describe('slots of one process', () => {
  it('never exceed a window, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
        let now = 1_000_000;
        const slots = createMemorySlots(TELEGRAM_LIMITS, () => now);
        const used: { group: string; at: number; early: boolean }[] = [];
        for (const action of steps) {
          if (action.kind === 'wait') now += action.ms;
          if (action.kind === 'pause') {
            await slots.pause('bot', '1', action.ms);
            // What lay ahead is void, and nothing may go out before the end.
            for (let index = used.length - 1; index >= 0; index -= 1) {
              if (used[index]?.group === '1' && (used[index]?.at ?? 0) > now) used.splice(index, 1);
            }
          }
          if (action.kind === 'reserve') {
            const { at } = await slots.reserve({ botIds: ['bot'], chatId: String(action.group) });
            used.push({ group: String(action.group), at, early: at < now });
          }
        }
        expect(used.filter(({ early }) => early)).toEqual([]);
        for (const group of ['1', '2', '3', '4']) {
          const times = used.filter((slot) => slot.group === group).map(({ at }) => at);
          expect(mostInAnyWindow(times, 62_000)).toBeLessThanOrEqual(20);
          expect(mostInAnyWindow(times, 3_000)).toBeLessThanOrEqual(3);
        }
        expect(
          mostInAnyWindow(
            used.map(({ at }) => at),
            1_000,
          ),
        ).toBeLessThanOrEqual(30);
      }),
      { numRuns: 200 },
    );
  });

  it('wastes nothing: 60 writes of one group take the two minutes that the budget makes of them', async () => {
    const slots = createMemorySlots(TELEGRAM_LIMITS, () => 0);
    let last = 0;
    for (let index = 0; index < 60; index += 1) last = (await slots.reserve({ botIds: ['b'], chatId: 'g' })).at;
    expect(last).toBeLessThanOrEqual(2 * 62_000 + 18_000);
  });
});

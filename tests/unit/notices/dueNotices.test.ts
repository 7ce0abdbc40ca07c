import { describe, expect, it } from 'vitest';
import {
  isAlertDue,
  type LastAlert,
  summaryKey,
  WAIT_BEFORE_ALERT_MS,
} from '../../../activities/notices/dueNotices.ts';
import type { DeskFigures } from '../../../contracts/notices.ts';

const NOW = Date.UTC(2026, 4, 6, 12);
const MINUTE = 60_000;
const nobody = { count: 0, oldest: null, newest: null };
const figures = (more: Partial<DeskFigures> = {}): DeskFigures => ({
  waiting: nobody,
  breached: nobody,
  parked: 0,
  ...more,
});
const since = (at: number) => ({ count: 1, oldest: at, newest: at });
const toldAt = (at: number, more: Partial<DeskFigures> = {}): LastAlert => ({ ...figures(more), at });

describe('an alert', () => {
  it.each<[string, DeskFigures, LastAlert | undefined, boolean]>([
    ['nothing is wrong', figures(), undefined, false],
    ['somebody waits', figures({ waiting: since(NOW - 3 * MINUTE) }), undefined, true],
    [
      'the group was told while that one was not waiting for long enough',
      figures({ waiting: since(NOW - 3 * MINUTE) }),
      toldAt(NOW - 2 * MINUTE),
      true,
    ],
    [
      'the group was told of that one',
      figures({ waiting: since(NOW - 10 * MINUTE) }),
      toldAt(NOW - 10 * MINUTE + WAIT_BEFORE_ALERT_MS),
      false,
    ],
    ['somebody is late since', figures({ breached: since(NOW - MINUTE) }), toldAt(NOW - 2 * MINUTE), true],
    ['somebody was late before', figures({ breached: since(NOW - 5 * MINUTE) }), toldAt(NOW - 2 * MINUTE), false],
    ['words are parked', figures({ parked: 1 }), toldAt(NOW - MINUTE), true],
    ['they were a while ago', figures({ parked: 2 }), toldAt(NOW - MINUTE, { parked: 1 }), false],
    ['they are for an hour', figures({ parked: 1 }), toldAt(NOW - 60 * MINUTE, { parked: 1 }), true],
  ])('when %s', (_when, current, last, due) => {
    expect(isAlertDue(current, last, NOW)).toBe(due);
  });
});

describe('the summary', () => {
  const at = (hour: number, timeZone = 'UTC') => summaryKey(NOW, { hour, timeZone });

  it('is due at its hour and for some after it, once a day', () => {
    expect(at(12)).toBe('summary/2026-05-06');
    expect(at(10)).toBe('summary/2026-05-06');
    expect([at(9), at(13)]).toEqual([undefined, undefined]);
  });

  it("goes by the agents' clock", () => {
    expect(at(14, 'Europe/Berlin')).toBe('summary/2026-05-06');
    expect(at(12, 'Europe/Berlin')).toBe('summary/2026-05-06');
    expect(at(11, 'Europe/Berlin')).toBeUndefined();
    expect(summaryKey(Date.UTC(2026, 4, 6, 23), { hour: 8, timeZone: 'Asia/Tokyo' })).toBe('summary/2026-05-07');
  });
});

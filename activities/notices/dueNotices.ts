import type { DeskFigures } from '../../contracts/notices.ts';

/** So long a conversation may wait for a person before the whole group hears of it; its own topic has sounded already. */
export const WAIT_BEFORE_ALERT_MS = 2 * 60_000;

/** As long as something is parked the group is reminded so often. */
const REMIND_MS = 3_600_000;

/** So long after its hour a summary still is the day's: after an outage it comes late, not twice. */
const SUMMARY_HOURS = 3;

/** What the last alert said, and when: epoch milliseconds. */
export interface LastAlert extends DeskFigures {
  at: number;
}

/** Whether somebody waits, or is late, of whom the last alert did not know, or words are parked. */
export function isAlertDue(
  { waiting, breached, parked }: DeskFigures,
  last: LastAlert | undefined,
  now: number,
): boolean {
  const before = last?.at ?? 0;
  if (waiting.newest !== null && waiting.newest + WAIT_BEFORE_ALERT_MS > before) return true;
  if (breached.newest !== null && breached.newest > before) return true;
  return parked > 0 && (!last || last.parked === 0 || now - last.at >= REMIND_MS);
}

/** The key of the day's summary while it is due where `timeZone` holds; undefined at other hours. */
export function summaryKey(now: number, { hour, timeZone }: { hour: number; timeZone: string }): string | undefined {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(now);
  const [date, time = ''] = local.split(' ');
  const late = Number.parseInt(time, 10) - hour;
  return late >= 0 && late < SUMMARY_HOURS ? `summary/${date}` : undefined;
}

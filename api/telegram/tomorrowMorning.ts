const MORNING_HOUR = 9;
const MINUTE_MS = 60_000;

/** 09:00 on the day after `now` where `timeZone` (IANA) holds; both in epoch milliseconds. */
export function tomorrowMorning(now: number, timeZone: string): number {
  const { year, month, day } = wallClock(now, timeZone);
  const wanted = Date.UTC(year, month - 1, day + 1, MORNING_HOUR);
  // The offset of that morning, which a change of the clocks may have made another one than today's.
  const guess = wanted - offsetAt(wanted, timeZone);
  return wanted - offsetAt(guess, timeZone);
}

/** What the wall clock is ahead of UTC at `at`, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const { year, month, day, hour, minute } = wallClock(at, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

function wallClock(at: number, timeZone: string) {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
}

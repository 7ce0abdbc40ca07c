import { copy } from './copy.ts';

/** `14:32`, as the locale writes it. `at` is ISO 8601. */
export function formatClock(at: string, locale: string): string {
  return format(at, locale, { hour: 'numeric', minute: '2-digit' });
}

/** `Today 14:32`, `Yesterday 9:10`, `12 March 14:32`. */
export function formatDay(at: string, locale: string, now: Date = new Date()): string {
  const clock = formatClock(at, locale);
  const then = new Date(at);
  const day = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const daysAgo = Math.round((day(now) - day(then)) / 86_400_000);
  if (daysAgo === 0) return `${copy.today} ${clock}`;
  if (daysAgo === 1) return `${copy.yesterday} ${clock}`;
  return `${format(at, locale, { day: 'numeric', month: 'long' })} ${clock}`;
}

/** A site's locale is free text; one that the browser does not know must not break the list. */
function format(at: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  try {
    return new Intl.DateTimeFormat(locale, options).format(new Date(at));
  } catch {
    return new Intl.DateTimeFormat(undefined, options).format(new Date(at));
  }
}

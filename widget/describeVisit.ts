import type { VisitSource } from '../contracts/webchat.ts';
import { clip } from './clip.ts';

/** There are five by convention; nobody's address may fill the request. */
const MAX_UTM = 16;

/** Where the visitor is and came from. Queries are left out, apart from utm_*: they may hold what is none of our business. */
export function describeVisit(page: { href: string; referrer: string; language: string }): VisitSource {
  const here = new URL(page.href);
  const utm = [...here.searchParams]
    .filter(([name]) => name.startsWith('utm_'))
    .slice(0, MAX_UTM)
    .map(([name, value]) => [clip(name, 32), clip(value, 200)] as const);
  return {
    url: withoutQuery(page.href),
    referrer: page.referrer ? withoutQuery(page.referrer) : undefined,
    locale: clip(page.language, 35),
    utm: utm.length > 0 ? Object.fromEntries(utm) : undefined,
    origin: here.origin,
  };
}

function withoutQuery(address: string): string | undefined {
  try {
    const { origin, pathname } = new URL(address);
    return `${origin}${pathname}`.slice(0, 2_048);
  } catch {
    return undefined;
  }
}

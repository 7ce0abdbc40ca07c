import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '../../contracts/errors.ts';

/** What browsers write for an origin that they do not tell; no list contains it. */
const OPAQUE = 'null';

/** The origins that may embed a site, as far as a list of them goes. */
export interface AllowedOrigins {
  site: readonly string[];
  /** The installation's own, for development: the one place where `*` allows every page. */
  installation: readonly string[];
}

/**
 * The web origin that a request comes from: Origin, or the Referer's where a browser sends no Origin (GET on its own origin).
 * Undefined for clients that are no browser; `null` where the two headers contradict each other, which no browser's do.
 */
export function originOf({ origin, referer }: IncomingHttpHeaders): string | undefined {
  if (referer === undefined) return origin;
  const referring = URL.canParse(referer) ? new URL(referer).origin : OPAQUE;
  return origin === undefined || origin === referring ? referring : OPAQUE;
}

/**
 * Throws `origin_not_allowed` for a web page that is not on the site's list. Clients without an origin pass: the list
 * protects visitors' browsers from foreign pages, and whoever is no browser could name any origin anyway.
 */
export function requireOrigin(origin: string | undefined, { site, installation }: AllowedOrigins): void {
  if (origin === undefined || installation.includes('*')) return;
  if (!site.includes(origin) && !installation.includes(origin)) {
    throw new CodedError('origin_not_allowed', 'This origin is not on the list of the site.');
  }
}

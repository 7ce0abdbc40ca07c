import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '../../contracts/errors.ts';

/**
 * The web origin that a request comes from: Origin, or the Referer's where a browser sends no Origin (GET on its own
 * origin). Undefined for clients that are no browser. An opaque origin stays the word `null`, which no list contains.
 */
export function originOf(headers: IncomingHttpHeaders): string | undefined {
  if (headers.origin) return headers.origin;
  if (!headers.referer) return undefined;
  return URL.canParse(headers.referer) ? new URL(headers.referer).origin : 'null';
}

/**
 * Throws `origin_not_allowed` for a web page that is not on the site's list. Clients without an origin pass: the list
 * protects visitors' browsers from foreign pages, and whoever is no browser could name any origin anyway.
 */
export function requireOrigin(origin: string | undefined, allowed: readonly string[]): void {
  if (origin !== undefined && !allowed.includes(origin)) {
    throw new CodedError('origin_not_allowed', 'This origin is not on the list of the site.');
  }
}

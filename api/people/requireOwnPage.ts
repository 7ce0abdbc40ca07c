import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site's page made a browser send (CSRF): a request that changes something has to say that it comes from a
 * page of this very origin, by Sec-Fetch-Site or Origin, which no page can forge. Who sends neither is no browser, and passes
 * without a cookie only.
 */
export function requireOwnPage({ method, headers, host }: FastifyRequest, publicUrl: string): void {
  if (SAFE_METHODS.has(method)) return;
  const { origin, 'sec-fetch-site': site, cookie } = headers;
  if (site === undefined && origin === undefined && cookie === undefined) return;
  const bySite = site === undefined || site === 'same-origin';
  const byOrigin = origin === undefined ? site !== undefined : isOwnOrigin(origin, host, publicUrl);
  if (!bySite || !byOrigin) throw new CodedError('csrf_refused', 'Only a page of this installation may ask for this.');
}

/** Whether a page of this installation asks. */
export function isOwnOrigin(origin: string, host: string, publicUrl: string): boolean {
  if (origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

import { isPublic } from '../publicAddress.ts';

/**
 * Whether events may be sent there at all: by https to the public internet, or by either scheme to a host that the operator has
 * named. A name is judged again by the addresses that it leads to.
 */
export function mayReceive(url: URL, allowedHosts: readonly string[]): boolean {
  return isAllowedHost(url, allowedHosts) || (url.protocol === 'https:' && isPublic(url.hostname));
}

/** Whether the operator has named the host, so that it may lie in the installation's own network. */
export function isAllowedHost({ hostname }: URL, allowedHosts: readonly string[]): boolean {
  return allowedHosts.includes(hostname);
}

import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from '../edge/plainAddress.ts';

const MAX_LENGTH = 64;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Whom an address stands for: an IPv4 address for itself, an IPv6 address for its /64, which is what one household or server
 * is given whole. What is no address (a proxy that writes something else) stands for itself.
 */
export function ipSubject(named: string): string {
  const ip = plainAddress(named) ?? named;
  const [, mapped] = MAPPED_IPV4.exec(ip) ?? [];
  if (mapped && isIPv4(mapped)) return mapped;
  return isIPv6(ip) ? `${prefix64(ip)}::/64` : ip.slice(0, MAX_LENGTH);
}

/** The first four groups, written the same way however the address was. */
function prefix64(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  // An IPv4 address at the end takes the place of two groups.
  const written = before.length + after.length + (address.includes('.') ? 1 : 0);
  const hidden = tail === undefined ? 0 : 8 - written;
  const groups = [...before, ...Array.from({ length: hidden }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

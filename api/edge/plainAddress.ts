import { isIP } from 'node:net';

const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

/**
 * The IP address in what a connection or a proxy names: some add the client's port (`203.0.113.7:49152`, `[2001:db8::1]:49152`), or
 * a network card (`fe80::1%eth0`). Undefined for what is none (`unknown`).
 */
export function plainAddress(named: string): string | undefined {
  const [, bracketed, bare] = WITH_PORT.exec(named) ?? [];
  const [address = ''] = (bracketed ?? bare ?? named).split('%');
  return isIP(address) === 0 ? undefined : address;
}

import { z } from 'zod';

/**
 * A web origin as browsers write it: scheme, host in lower case, port where it is not the scheme's own. A bare host stands for
 * its https origin. No wildcards: whoever may embed a site is named.
 */
export const webOriginSchema = z
  .string()
  .trim()
  .max(255)
  .overwrite((value) => originOf(value) ?? value)
  .refine((value) => originOf(value) === value, 'must be an origin such as https://shop.example, or a host');

function originOf(value: string): string | undefined {
  const address = value.includes('://') ? value : `https://${value}`;
  if (address.includes('*') || !URL.canParse(address)) return undefined;
  const { origin, protocol, pathname, search, hash, username, password } = new URL(address);
  const bare = pathname === '/' && !search && !hash && !username && !password;
  return bare && (protocol === 'https:' || protocol === 'http:') ? origin : undefined;
}

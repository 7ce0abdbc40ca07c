import { z } from 'zod';

const MAX_LENGTH = 255;

/**
 * A web origin as browsers write it: scheme, host in lower case, port where it is not the scheme's own. A bare host stands for
 * its https origin. No wildcards: whoever may embed a site is named.
 */
export const webOriginSchema = z
  .string()
  .trim()
  .max(MAX_LENGTH)
  .overwrite((value) => originOf(value) ?? value)
  // A scheme may have been put before it.
  .max(MAX_LENGTH)
  .refine((value) => originOf(value) === value, 'must be an origin such as https://shop.example, or a host');

/**
 * The same as clients give it. The pattern is for the OpenAPI document; addresses, longer names and other spellings are taken
 * as well.
 */
export const givenOriginSchema = webOriginSchema.meta({
  pattern:
    '^(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){0,2}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[0-9]{1,4})?$',
});

function originOf(value: string): string | undefined {
  const address = value.includes('://') ? value : `https://${value}`;
  if (address.includes('*') || !URL.canParse(address)) return undefined;
  const { origin, protocol, pathname, search, hash, username, password } = new URL(address);
  const bare = pathname === '/' && !search && !hash && !username && !password;
  return bare && (protocol === 'https:' || protocol === 'http:') ? origin : undefined;
}

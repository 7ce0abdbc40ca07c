import { z } from 'zod';

/**
 * A web origin as browsers write it: scheme, host in lower case, port where it is not the scheme's own. A bare host stands for
 * its https origin. No wildcards: whoever may embed a site is named.
 */
export const webOriginSchema = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .transform((value, context) => {
    const origin = originOf(value.includes('://') ? value : `https://${value}`);
    if (origin) return origin;
    context.addIssue({ code: 'custom', message: 'must be an origin such as https://shop.example, or a host' });
    return z.NEVER;
  });

function originOf(value: string): string | undefined {
  if (value.includes('*') || !URL.canParse(value)) return undefined;
  const { origin, protocol, pathname, search, hash, username, password } = new URL(value);
  const bare = pathname === '/' && !search && !hash && !username && !password;
  return bare && (protocol === 'https:' || protocol === 'http:') ? origin : undefined;
}

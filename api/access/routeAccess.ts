import { isAtLeast, ROLE_OF_SCOPE } from '../../contracts/access.ts';
import type { Permission } from './principal.ts';

/**
 * Who may call a route; every route declares it as `config.access`.
 * - `public`: anyone, or whoever the handler itself lets in (a challenge, a socket's first frame, a webhook's secret)
 * - `visitor`: the holder of a conversation token
 * - `metrics`: whoever collects the installation's figures
 * - a permission: keys with the scope, members with the role, SERVICE_TOKEN for the default tenant
 * - `platform`: platform admins; `person`: anyone who is signed in
 */
export type RouteAccess = 'public' | 'visitor' | 'metrics' | Permission | { platform: true } | { person: true };

/** Throws where a declaration would let in more than its scope is meant for. */
export function requireSound(access: RouteAccess): void {
  if (typeof access === 'string' || !('scope' in access)) return;
  const least = ROLE_OF_SCOPE[access.scope];
  if (!isAtLeast(access.role, least)) {
    throw new Error(`${access.scope} is for ${least}s, a route must not give it to ${access.role}s`);
  }
}

/** How the OpenAPI document says it. */
export function securityOf(access: RouteAccess): Record<string, string[]>[] {
  if (access === 'public') return [];
  if (access === 'visitor') return [{ conversationToken: [] }];
  if (access === 'metrics') return [{ metricsToken: [] }];
  if ('scope' in access) return [{ apiKey: [] }, { serviceToken: [] }, { personSession: [] }];
  return [{ personSession: [] }];
}

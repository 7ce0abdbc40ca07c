import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiContext } from '../context.ts';
import { ipSubject } from '../limits/ipSubject.ts';
import type { RateLimitName } from '../limits/table.ts';

type AddressLimit = Extract<RateLimitName, `ip.${string}`>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The limit that counts this route's requests by their address. By default `ip.admin` where somebody has to be known,
     * `ip.other` for the rest; `none` for what probes and caches ask for.
     */
    limit?: AddressLimit | 'none';
  }
}

/** Counts every request by its address before anything else is done for it. A preflight costs no more than a refusal would. */
export function installLimits(app: FastifyInstance, { limits }: Pick<ApiContext, 'limits'>): void {
  app.addHook('onRequest', async (request) => {
    const limit = limitOf(request);
    if (limit === 'none') return;
    // A message does not wait for Redis; whoever sends too many is refused a moment later.
    if (limit === 'ip.message') limits.spend(limit, ipSubject(request.ip));
    else await limits.consume(limit, ipSubject(request.ip));
  });
}

function limitOf({ method, is404, routeOptions: { config } }: FastifyRequest): AddressLimit | 'none' {
  if (method === 'OPTIONS') return 'none';
  if (is404) return 'ip.other';
  return config.limit ?? (typeof config.access === 'object' ? 'ip.admin' : 'ip.other');
}

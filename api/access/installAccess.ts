import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { ApiContext } from '../context.ts';
import type { Visitor } from '../edge/visitor.ts';
import { type Admission, admit } from './admit.ts';
import type { Principal } from './principal.ts';
import { type RouteAccess, requireSound, securityOf } from './routeAccess.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifySchema {
    'x-parley-access'?: RouteAccess;
  }
  interface FastifyInstance {
    /** Speaks for the routes of a plugin that is not ours, in the scope that it is registered in. */
    accessOfAll?: RouteAccess;
  }
  // Reading what the route's kind of access does not give throws.
  interface FastifyRequest {
    readonly principal: Principal;
    readonly tenantId: string;
    readonly visitor: Visitor;
  }
}

/**
 * Holds every route that is added from here on to its declaration: without one the app is not built, and no request gets to a
 * handler before `admit` let it in. The OpenAPI document says it as `x-parley-access`.
 */
export function installAccess(app: FastifyInstance, api: ApiContext): void {
  const admissions = new WeakMap<FastifyRequest, Admission>();
  const get = <Name extends keyof Admission>(request: FastifyRequest, name: Name) => {
    const value = admissions.get(request)?.[name];
    if (value === undefined) throw new Error(`The route's access gives no ${name}`);
    return value;
  };
  app.decorateRequest('principal', {
    getter: function principal() {
      return get(this, 'principal');
    },
  });
  app.decorateRequest('tenantId', {
    getter: function tenantId() {
      return get(this, 'tenantId');
    },
  });
  app.decorateRequest('visitor', {
    getter: function visitor() {
      return get(this, 'visitor');
    },
  });

  app.addHook('onRoute', function declare(route) {
    const access = route.config?.access ?? this.accessOfAll ?? (isPreflight(route) ? 'public' : undefined);
    if (!access)
      throw new Error(`${String(route.method)} ${route.url} does not declare who may call it: config.access`);
    requireSound(access);
    route.config = { ...route.config, access };
    if (route.schema) route.schema = { security: securityOf(access), ...route.schema, 'x-parley-access': access };
  });

  app.addHook('onClose', () => api.apiKeys.settle());
  app.addHook('onRequest', async (request) => {
    // A preflight carries no credentials and is answered with headers alone.
    if (request.is404 || request.method === 'OPTIONS') return;
    const { access } = request.routeOptions.config;
    if (!access) throw new Error(`${request.routeOptions.url} was added before access was installed`);
    admissions.set(request, await admit(api, request, access));
  });
}

function isPreflight({ method }: RouteOptions): boolean {
  return method === 'OPTIONS';
}

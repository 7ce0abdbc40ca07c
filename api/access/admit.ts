import type { FastifyRequest } from 'fastify';
import { validate as isUuid } from 'uuid';
import { CodedError } from '../../contracts/errors.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import type { ApiContext } from '../context.ts';
import { admitRequest } from '../edge/admitRequest.ts';
import { bearerOf } from '../edge/bearer.ts';
import type { Visitor } from '../edge/visitor.ts';
import { authenticate } from './authenticate.ts';
import { isAllowed, type Permission, type PersonPrincipal, type Principal } from './principal.ts';
import type { RouteAccess } from './routeAccess.ts';
import { sameSecret } from './sameSecret.ts';

/** What is known of a caller that was let in; what is absent has no meaning for the route's kind of access. */
export interface Admission {
  principal?: Principal;
  tenantId?: string;
  visitor?: Visitor;
}

/** Lets a request in as its route declares, or throws why not; nothing of the request's body was read yet. */
export async function admit(api: ApiContext, request: FastifyRequest, access: RouteAccess): Promise<Admission> {
  if (access === 'public') return {};
  if (access === 'visitor') {
    const visitor = await admitRequest(api, request);
    return { visitor, tenantId: visitor.ref.tenantId };
  }
  if (access === 'metrics') {
    requireMetricsReader(api, request);
    return {};
  }
  const principal = await authenticate(api, request);
  if ('scope' in access) return { principal, tenantId: await tenantFor(api, request, principal, access) };
  if (principal.kind !== 'person' || ('platform' in access && !principal.platformAdmin)) throw forbidden();
  return { principal };
}

/** The tenant that the request is about. One that does not exist is refused with the same words as another's. */
async function tenantFor(
  api: ApiContext,
  request: FastifyRequest,
  principal: Principal,
  permission: Permission,
): Promise<string> {
  const tenantId = named(request) ?? ownTenant(principal);
  if (!isUuid(tenantId) || !isAllowed(principal, permission, tenantId)) throw forbidden();
  const status = await api.rights.tenantStatus(tenantId);
  if (!status) throw forbidden();
  const mayEnter = status === 'active' || (principal.kind === 'person' && principal.platformAdmin);
  if (!mayEnter) throw new CodedError('tenant_suspended', 'This tenant is suspended.');
  request.log = request.log.child({ tenant_id: tenantId });
  return tenantId;
}

function named({ headers }: FastifyRequest): string | undefined {
  return headers['parley-tenant']?.toString().toLowerCase();
}

function ownTenant(principal: Principal): string {
  if (principal.kind === 'service') return DEFAULT_TENANT_ID;
  return principal.kind === 'apiKey' ? principal.tenantId : onlyTenant(principal);
}

function onlyTenant({ roles, platformAdmin }: PersonPrincipal): string {
  const [first, ...others] = roles.keys();
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined && !platformAdmin) throw forbidden();
  throw new CodedError('invalid_request', 'Name the tenant in the header parley-tenant.');
}

function requireMetricsReader({ settings }: ApiContext, request: FastifyRequest): void {
  const { metricsReaders } = settings;
  if (metricsReaders === 'anyone') return;
  if (metricsReaders === 'nobody')
    throw new CodedError('forbidden', 'Figures are given only where METRICS_TOKEN is set.');
  if (!sameSecret(bearerOf(request), metricsReaders.token)) {
    throw new CodedError('unauthenticated', 'The token is not valid.');
  }
}

function forbidden(): CodedError {
  return new CodedError('forbidden', 'You may not do this.');
}

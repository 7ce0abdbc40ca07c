import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { ApiContext } from '../context.ts';
import { bearerOf } from '../edge/bearer.ts';
import { hashApiKey } from './apiKeyText.ts';
import type { Principal } from './principal.ts';
import { sameSecret } from './sameSecret.ts';

/**
 * Who calls: the bearer of a key or of the service token, else the person whose cookie came along. Throws `auth_required`
 * without either, `unauthenticated` with a token that is nobody's, `rate_limited` for a key that is used too often.
 */
export async function authenticate(api: ApiContext, request: FastifyRequest): Promise<Principal> {
  if (request.headers.authorization !== undefined) return bearer(api, bearerOf(request));
  const person = await api.people.personOf(request);
  if (!person) throw new CodedError('auth_required', 'Sign in, or send a key as Authorization: Bearer.');
  const { userId, platformAdmin, onlyTenantId } = person;
  const roles = new Map(await api.rights.rolesOf(userId));
  for (const tenantId of roles.keys()) if (onlyTenantId && tenantId !== onlyTenantId) roles.delete(tenantId);
  return { kind: 'person', userId, platformAdmin, roles };
}

async function bearer(api: ApiContext, token: string): Promise<Principal> {
  const { serviceToken } = api.settings;
  if (serviceToken && sameSecret(token, serviceToken)) return { kind: 'service' };
  const secretHash = hashApiKey(token);
  const key = secretHash && (await api.apiKeys.find(secretHash));
  if (!key) throw new CodedError('unauthenticated', 'The token is not valid.');
  const { tenantId, keyId, scopes, requestsPerMinute } = key;
  await api.limits.consume('apiKey.request', keyId, { limit: requestsPerMinute });
  api.apiKeys.noteUse(key);
  return { kind: 'apiKey', tenantId, keyId, scopes: new Set(scopes) };
}

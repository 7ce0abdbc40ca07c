import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { ApiContext } from '../context.ts';
import { bearerOf } from '../edge/bearer.ts';
import type { Principal } from './principal.ts';
import { sameSecret } from './sameSecret.ts';

/**
 * Who calls: the bearer of a token, else the person whose cookie came along. Throws `auth_required` without either,
 * `unauthenticated` with a token that is nobody's.
 */
export async function authenticate(api: ApiContext, request: FastifyRequest): Promise<Principal> {
  if (request.headers.authorization !== undefined) return bearer(api, bearerOf(request));
  const person = await api.people?.personOf(request);
  if (!person) throw new CodedError('auth_required', 'Sign in, or send a key as Authorization: Bearer.');
  return { kind: 'person', ...person, roles: await api.rights.rolesOf(person.userId) };
}

function bearer({ settings }: ApiContext, token: string): Principal {
  if (settings.serviceToken && sameSecret(token, settings.serviceToken)) return { kind: 'service' };
  throw new CodedError('unauthenticated', 'The token is not valid.');
}

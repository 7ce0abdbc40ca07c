import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';

/** The token of `Authorization: Bearer …`. Throws `auth_required` without one. */
export function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (!token) throw new CodedError('auth_required', 'Send the token as Authorization: Bearer.');
  return token;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { ApiSettings } from '../context.ts';
import { bearerOf } from './bearer.ts';

/** Throws `forbidden` where no service token is configured, `auth_required` without a token, `unauthenticated` with a wrong one. */
export function requireServiceToken({ serviceToken }: ApiSettings, request: FastifyRequest): void {
  if (!serviceToken) throw new CodedError('forbidden', 'The admin API is switched off.');
  if (!timingSafeEqual(digest(bearerOf(request)), digest(serviceToken))) {
    throw new CodedError('unauthenticated', 'The service token is not valid.');
  }
}

/** Equal lengths, whatever was sent. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { ZodError } from 'zod';
import { CodedError } from '../../../contracts/errors.ts';

/**
 * What went wrong between the provider and us: it said no, or what it said does not hold (`oidc_refused`), or it could not be
 * asked (`oidc_unavailable`). Names a code only: a provider's own words may be about the person.
 */
export function providerRefusal(error: unknown, otherwise?: 'oidc_unavailable'): CodedError {
  const isAnswer = [AuthorizationResponseError, ResponseBodyError, ClientError, ZodError].some(
    (kind) => error instanceof kind,
  );
  const reason = reasonOf(error);
  if (isAnswer && !isFailure(error) && !otherwise) {
    return new CodedError('oidc_refused', `The sign-in was refused${reason}.`);
  }
  return new CodedError('oidc_unavailable', `The identity provider cannot be asked${reason}.`, {
    retryAfterSeconds: 30,
  });
}

/** A provider in trouble: no answer in time, or a status of 5xx. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 'OAUTH_TIMEOUT') return true;
  return error.cause instanceof Response && error.cause.status >= 500;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

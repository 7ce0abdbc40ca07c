import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { CodedError } from '../../../contracts/errors.ts';

/**
 * What went wrong between the provider and us: it said no, or what it said does not hold (`oidc_refused`), or it could not be
 * asked (`oidc_unavailable`). Names a code only: a provider's own words may be about the person.
 */
export function providerRefusal(error: unknown, otherwise?: 'oidc_unavailable'): CodedError {
  const isAnswer =
    error instanceof AuthorizationResponseError ||
    (error instanceof ResponseBodyError && error.status < 500) ||
    (error instanceof ClientError && error.code !== 'OAUTH_TIMEOUT');
  const reason = reasonOf(error);
  if (isAnswer && !otherwise) return new CodedError('oidc_refused', `The sign-in was refused${reason}.`);
  return new CodedError('oidc_unavailable', `The identity provider cannot be asked${reason}.`, {
    retryAfterSeconds: 30,
  });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

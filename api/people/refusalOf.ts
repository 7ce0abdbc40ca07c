import { isAPIError } from 'better-auth/api';
import { CodedError, type ErrorCode } from '../../contracts/errors.ts';
import { toDatabaseError } from '../../db/databaseError.ts';

/** How long better-auth locks a second factor after ten wrong codes in a row. */
const SECOND_FACTOR_LOCK_SECONDS = 15 * 60;

const SIGN_IN_AGAIN = ['auth_required', 'Sign in again.'] as const;
const WRONG_CODE = ['second_factor_invalid', 'The code is not valid.'] as const;
const NO_SECOND_FACTOR = ['second_factor_off', 'There is no second factor.'] as const;
const WRONG_PASSWORD = ['password_wrong', 'The password is wrong.'] as const;
const RESET_INVALID = ['reset_invalid', 'This reset is not valid any more; ask for another.'] as const;

/** better-auth's codes that a person may meet, and ours. */
const CODES: Record<string, readonly [ErrorCode, string]> = {
  INVALID_EMAIL_OR_PASSWORD: ['credentials_invalid', 'E-mail or password is wrong.'],
  INVALID_PASSWORD: WRONG_PASSWORD,
  CREDENTIAL_ACCOUNT_NOT_FOUND: WRONG_PASSWORD,
  INVALID_TOKEN: RESET_INVALID,
  USER_NOT_FOUND: RESET_INVALID,
  INVALID_CODE: WRONG_CODE,
  INVALID_BACKUP_CODE: WRONG_CODE,
  INVALID_TWO_FACTOR_COOKIE: SIGN_IN_AGAIN,
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: SIGN_IN_AGAIN,
  UNAUTHORIZED: SIGN_IN_AGAIN,
  TOTP_ALREADY_ENABLED: ['second_factor_on', 'There is a second factor already.'],
  TOTP_NOT_ENABLED: NO_SECOND_FACTOR,
  TWO_FACTOR_NOT_ENABLED: NO_SECOND_FACTOR,
  BACKUP_CODES_NOT_ENABLED: NO_SECOND_FACTOR,
};

/** What better-auth threw, as an error of ours; what is nobody's refusal stays what it is, less Postgres' own words. */
export function refusalOf(error: unknown): unknown {
  if (!isAPIError(error)) return toDatabaseError(error, false);
  const { body, cause, statusCode } = error;
  if (statusCode >= 500) return cause === undefined ? error : toDatabaseError(cause, false);
  if (body?.code === 'ACCOUNT_TEMPORARILY_LOCKED') {
    return new CodedError('rate_limited', 'Too many failed attempts.', {
      retryAfterSeconds: SECOND_FACTOR_LOCK_SECONDS,
    });
  }
  const [code, message] = CODES[body?.code ?? ''] ?? [];
  // Two used one recovery code at once: the other one has it.
  if (statusCode === 409) return new CodedError(...WRONG_CODE);
  return code && message ? new CodedError(code, message) : error;
}

import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import type { ApiContext } from '../context.ts';
import { type ClaimsKind, signClaims, verifyClaims } from './signedClaims.ts';
import type { SigningKeys } from './signingKeys.ts';

const challengeSchema = z.object({
  /** Names this one challenge, so that it can be used once. */
  jti: z.uuid(),
  site: z.string(),
  /** Empty for a client without a web origin. */
  origin: z.string(),
});

const CHALLENGE: ClaimsKind<typeof challengeSchema> = {
  audience: 'parley:challenge',
  lifetimeSeconds: 5 * 60,
  schema: challengeSchema,
};

/** Proof that a page of this origin has just read this site's configuration. */
export interface ChallengeBinding {
  siteKey: string;
  origin: string | undefined;
}

/** A challenge for one `init` or `token` within five minutes, from the same origin, for the same site. */
export function issueChallenge(keys: SigningKeys, { siteKey, origin }: ChallengeBinding) {
  return signClaims(keys, CHALLENGE, { jti: uuidv7(), site: siteKey, origin: origin ?? '' });
}

/** Uses the challenge up, and says when it was given. Throws `challenge_expired`, `challenge_invalid` or `challenge_used`. */
export async function consumeChallenge(
  { keys, singleUse }: Pick<ApiContext, 'keys' | 'singleUse'>,
  challenge: string,
  binding: ChallengeBinding,
): Promise<{ issuedAt: Date }> {
  const verified = await verifyClaims(keys, CHALLENGE, challenge);
  if (verified.kind === 'expired')
    throw new CodedError('challenge_expired', 'The challenge has expired; read the config again.');
  const matches =
    verified.kind === 'valid' &&
    verified.claims.site === binding.siteKey &&
    verified.claims.origin === (binding.origin ?? '');
  if (!matches) throw new CodedError('challenge_invalid', 'The challenge does not belong to this site and origin.');
  if (!(await singleUse.take(verified.claims.jti, verified.expiresAt))) {
    throw new CodedError('challenge_used', 'The challenge was used before; read the config again.');
  }
  return { issuedAt: timeOf(verified.claims.jti) };
}

/** A UUIDv7 begins with its milliseconds; `iat` knows seconds only. */
function timeOf(jti: string): Date {
  return new Date(Number.parseInt(jti.replaceAll('-', '').slice(0, 12), 16));
}

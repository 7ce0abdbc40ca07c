import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { type ClaimsKind, signClaims, verifyClaims } from './signedClaims.ts';
import type { SigningKey } from './signingKey.ts';

const challengeSchema = z.object({
  /** Names this one challenge, for those who remember which were used. */
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

/** A challenge that `init` and `token` accept within five minutes, from the same origin, for the same site. */
export function issueChallenge(key: SigningKey, { siteKey, origin }: ChallengeBinding) {
  return signClaims(key, CHALLENGE, { jti: uuidv7(), site: siteKey, origin: origin ?? '' });
}

/** Throws `challenge_expired` or `challenge_invalid`. */
export async function requireChallenge(key: SigningKey, challenge: string, binding: ChallengeBinding): Promise<void> {
  const verified = await verifyClaims(key, CHALLENGE, challenge);
  if (verified.kind === 'expired')
    throw new CodedError('challenge_expired', 'The challenge has expired; read the config again.');
  const matches =
    verified.kind === 'valid' &&
    verified.claims.site === binding.siteKey &&
    verified.claims.origin === (binding.origin ?? '');
  if (!matches) throw new CodedError('challenge_invalid', 'The challenge does not belong to this site and origin.');
}

import type { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { z } from 'zod';
import type { SigningKeys } from './signingKeys.ts';

const ISSUER = 'parley';

/** How an expired token differs from a wrong one: the first was ours. */
export type VerifiedClaims<Claims> =
  | { kind: 'valid'; claims: Claims; issuedAt: Date; expiresAt: Date }
  | { kind: 'expired' }
  | { kind: 'invalid' };

/** What tokens of one purpose have in common. The audience keeps one purpose's tokens from being taken for another's. */
export interface ClaimsKind<Schema extends z.ZodType<JWTPayload>> {
  audience: string;
  lifetimeSeconds: number;
  schema: Schema;
  /** One token comes again and again: a good one is remembered. */
  repeats?: boolean;
}

/** `lifetimeSeconds` takes the place of the kind's own. */
export async function signClaims<Schema extends z.ZodType<JWTPayload>>(
  { current }: SigningKeys,
  kind: ClaimsKind<Schema>,
  claims: z.infer<Schema>,
  lifetimeSeconds = kind.lifetimeSeconds,
): Promise<{ token: string; expiresAt: Date }> {
  const expiresAt = new Date((Math.floor(Date.now() / 1_000) + lifetimeSeconds) * 1_000);
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: current.kid })
    .setIssuer(ISSUER)
    .setAudience(kind.audience)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(current.key);
  return { token, expiresAt };
}

/** Never rejects: whatever is wrong with a token is an answer. */
export async function verifyClaims<Schema extends z.ZodType<JWTPayload>>(
  keys: SigningKeys,
  kind: ClaimsKind<Schema>,
  token: string,
): Promise<VerifiedClaims<z.infer<Schema>>> {
  try {
    const payload = await verifiedPayload(keys, kind, token);
    const parsed = kind.schema.safeParse(payload);
    if (!parsed.success) return { kind: 'invalid' };
    const { iat = 0, exp = 0 } = payload;
    return { kind: 'valid', claims: parsed.data, issuedAt: new Date(iat * 1_000), expiresAt: new Date(exp * 1_000) };
  } catch (error) {
    return { kind: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
  }
}

/** Rejects as `jwtVerify` does. */
async function verifiedPayload(
  { byKid, verified }: SigningKeys,
  { audience, repeats }: Pick<ClaimsKind<z.ZodType<JWTPayload>>, 'audience' | 'repeats'>,
  token: string,
): Promise<JWTPayload> {
  const name = `${audience} ${token}`;
  const known = repeats && verified.get(name);
  if (known) {
    if ((known.exp ?? 0) * 1_000 <= Date.now()) throw new errors.JWTExpired('The token has expired', known);
    return known;
  }
  const { payload } = await jwtVerify(token, ({ kid = '' }) => keyFor(byKid, kid), {
    algorithms: ['HS256'],
    issuer: ISSUER,
    audience,
    requiredClaims: ['iat', 'exp'],
  });
  if (repeats) verified.set(name, payload);
  return payload;
}

function keyFor(keys: SigningKeys['byKid'], kid: string): KeyObject {
  const key = keys.get(kid);
  if (!key) throw new errors.JWKSNoMatchingKey();
  return key;
}

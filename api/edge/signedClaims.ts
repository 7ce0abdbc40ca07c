import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { z } from 'zod';
import type { SigningKey } from './signingKey.ts';

const ISSUER = 'parley';

/** How an expired token differs from a wrong one: the first was ours. */
export type VerifiedClaims<Claims> =
  | { kind: 'valid'; claims: Claims; expiresAt: Date }
  | { kind: 'expired' }
  | { kind: 'invalid' };

/** What tokens of one purpose have in common. The audience keeps one purpose's tokens from being taken for another's. */
export interface ClaimsKind<Schema extends z.ZodType<JWTPayload>> {
  audience: string;
  lifetimeSeconds: number;
  schema: Schema;
}

export async function signClaims<Schema extends z.ZodType<JWTPayload>>(
  key: SigningKey,
  kind: ClaimsKind<Schema>,
  claims: z.infer<Schema>,
): Promise<{ token: string; expiresAt: Date }> {
  const expiresAt = new Date((Math.floor(Date.now() / 1_000) + kind.lifetimeSeconds) * 1_000);
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: key.kid })
    .setIssuer(ISSUER)
    .setAudience(kind.audience)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .sign(key.key);
  return { token, expiresAt };
}

/** Never rejects: whatever is wrong with a token is an answer. */
export async function verifyClaims<Schema extends z.ZodType<JWTPayload>>(
  key: SigningKey,
  kind: ClaimsKind<Schema>,
  token: string,
): Promise<VerifiedClaims<z.infer<Schema>>> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyFor(key, kid), {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: kind.audience,
      requiredClaims: ['exp'],
    });
    const parsed = kind.schema.safeParse(payload);
    if (!parsed.success) return { kind: 'invalid' };
    return { kind: 'valid', claims: parsed.data, expiresAt: new Date((payload.exp ?? 0) * 1_000) };
  } catch (error) {
    return { kind: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
  }
}

function keyFor(key: SigningKey, kid: string | undefined) {
  if (kid !== key.kid) throw new errors.JWKSNoMatchingKey();
  return key.key;
}

import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

/** A token of ours as somebody would change it. */
export interface Change {
  header?: Partial<JWTHeaderParameters>;
  claims?: JWTPayload;
  /** Signs; the installation's own by default. */
  key?: Uint8Array | KeyObject;
}

/** The same token with something changed, signed anew. */
export async function forge(token: string, secret: string, { header, claims, key }: Change): Promise<string> {
  const { alg = 'HS256', kid } = decodeProtectedHeader(token);
  return new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader({ alg, kid, ...header })
    .sign(key ?? Buffer.from(secret));
}

const past = () => Math.floor(Date.now() / 1_000) - 5;

/**
 * Every way in which a token can be wrong, whatever it is for: made from one that is right. `other` is a right one of another
 * purpose; `audience` is that purpose's.
 */
export async function wrongOnes(
  right: string,
  secret: string,
  { other, audience }: { other: string; audience: string },
): Promise<Record<string, string>> {
  const [header = '', claims = '', signature = ''] = right.split('.');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    'no token at all': 'nonsense',
    'not even three parts': `${header}.${claims}`,
    'alg none, without a signature': `${encode({ ...decodeProtectedHeader(right), alg: 'none' })}.${claims}.`,
    'alg none, with the right one’s signature': `${encode({ alg: 'none' })}.${claims}.${signature}`,
    'another algorithm with the same secret': await forge(right, secret, { header: { alg: 'HS512' } }),
    'a public key’s algorithm': await forge(right, secret, { header: { alg: 'RS256' }, key: privateKey }),
    'another secret': await forge(right, 'another secret, long enough to be one', {}),
    'an unknown key id': await forge(right, secret, { header: { kid: 'unknown1' } }),
    'no key id': await forge(right, secret, { header: { kid: undefined } }),
    'its claims changed under its signature': `${header}.${encode({ ...decodeJwt(right), sub: 'me' })}.${signature}`,
    'another audience': await forge(right, secret, { claims: { aud: audience } }),
    'another issuer': await forge(right, secret, { claims: { iss: 'somebody' } }),
    'no end': await forge(right, secret, { claims: { exp: undefined } }),
    'a claim of another shape': await forge(right, secret, { claims: { jti: 'x' } }),
    'a token for something else': other,
  };
}

/** The right one, as it is after its end. */
export function expired(right: string, secret: string): Promise<string> {
  return forge(right, secret, { claims: { exp: past() } });
}

/** The key id that the installation gives a secret. */
export function kidOf(secret: string): string {
  return createHash('sha256').update(`parley:kid:${secret}`).digest('base64url').slice(0, 8);
}

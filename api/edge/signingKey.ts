import { createHash, createSecretKey, type KeyObject } from 'node:crypto';

/** A key for HS256 and the id by which tokens name it, so that several can be valid while one replaces another. */
export interface SigningKey {
  kid: string;
  key: KeyObject;
}

/** Derives the id from the secret: every instance with the same secret gives it the same name, and it reveals nothing. */
export function signingKeyOf(secret: string): SigningKey {
  const kid = createHash('sha256').update(`parley:kid:${secret}`).digest('base64url').slice(0, 8);
  return { kid, key: createSecretKey(Buffer.from(secret, 'utf8')) };
}

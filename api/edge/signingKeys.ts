import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';

/** A key for HS256 and the id by which tokens name it. */
interface SigningKey {
  kid: string;
  key: KeyObject;
}

/** A visitor without a socket brings the same token with every request. */
const MAX_VERIFIED = 5_000;

/** The key that signs, and all that verify, by their ids: several are valid while one takes another's place. */
export interface SigningKeys {
  current: SigningKey;
  byKid: ReadonlyMap<string, KeyObject>;
  /** What good tokens say, by audience and token: a signature that was good stays good, only time is looked at again. */
  verified: LRUCache<string, JWTPayload>;
}

/**
 * `current` signs; `others` only verify. Ids are derived from the secrets: every instance with the same secret gives it the
 * same name, which reveals nothing, and rotating is moving a secret from one variable to another.
 */
export function signingKeysOf(current: string, others: readonly string[] = []): SigningKeys {
  const keys = [current, ...others].map(signingKeyOf);
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  return { current: signingKeyOf(current), byKid, verified: new LRUCache({ max: MAX_VERIFIED }) };
}

function signingKeyOf(secret: string): SigningKey {
  const kid = createHash('sha256').update(`parley:kid:${secret}`).digest('base64url').slice(0, 8);
  return { kid, key: createSecretKey(Buffer.from(secret, 'utf8')) };
}

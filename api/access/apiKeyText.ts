import { createHash, randomBytes } from 'node:crypto';
import { API_KEY_FORMAT } from '../../contracts/apiKey.ts';

const PREFIX_BYTES = 4;
const SECRET_BYTES = 32;

/** A new key with what is kept of it: the part that people see, and a hash. 256 random bits need no slow one. */
export function makeApiKey(): { key: string; prefix: string; secretHash: Buffer } {
  const prefix = `parley_${randomBytes(PREFIX_BYTES).toString('hex')}`;
  const key = `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, prefix, secretHash: sha256(key) };
}

/** The hash by which a key is found; undefined for what does not look like one. */
export function hashApiKey(text: string): Buffer | undefined {
  return API_KEY_FORMAT.test(text) ? sha256(text) : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

import { randomBytes } from 'node:crypto';

/** As the convention has it: 24 to 64 bytes, in base64 behind this word. */
const PREFIX = 'whsec_';
const BYTES = 32;

/** A new secret of an endpoint. */
export function makeWebhookSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** What an invitation's mail carries; the database keeps its hash alone. */
export function newInvitationToken(): { token: string; tokenHash: Buffer } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, tokenHash: hashInvitationToken(token) };
}

export function hashInvitationToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

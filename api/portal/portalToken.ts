import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { type ClaimsKind, signClaims, verifyClaims } from '../edge/signedClaims.ts';
import type { SigningKeys } from '../edge/signingKeys.ts';

const tokenSchema = z.object({
  /** Names this one token, so that it opens one socket. */
  jti: z.uuid(),
  tenant: z.uuid(),
  conversation: z.uuid(),
  user: z.string(),
});

const TOKEN: ClaimsKind<typeof tokenSchema> = {
  audience: 'parley:portal',
  lifetimeSeconds: 10 * 60,
  schema: tokenSchema,
};

/** What a token authorises: a person's own conversation. */
export interface PortalGrant extends ConversationRef {
  userId: string;
}

/** A token for the first frame of one socket, valid for ten minutes. */
export function issuePortalToken(keys: SigningKeys, { tenantId, conversationId, userId }: PortalGrant) {
  return signClaims(keys, TOKEN, { jti: uuidv7(), tenant: tenantId, conversation: conversationId, user: userId });
}

/** Throws `token_expired` or `token_invalid`. */
export async function requirePortalToken(
  keys: SigningKeys,
  token: string,
): Promise<PortalGrant & { tokenId: string; expiresAt: Date }> {
  const verified = await verifyClaims(keys, TOKEN, token);
  if (verified.kind === 'expired') throw new CodedError('token_expired', 'The token has expired; ask for a new one.');
  if (verified.kind === 'invalid') throw new CodedError('token_invalid', 'The token is not valid.');
  const { jti, tenant, conversation, user } = verified.claims;
  return { tenantId: tenant, conversationId: conversation, userId: user, tokenId: jti, expiresAt: verified.expiresAt };
}

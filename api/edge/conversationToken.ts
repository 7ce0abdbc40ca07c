import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { siteKeySchema } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { type ClaimsKind, signClaims, verifyClaims } from './signedClaims.ts';
import type { SigningKeys } from './signingKeys.ts';

const tokenSchema = z.object({
  /** Names this one token, so that it opens one socket. */
  jti: z.uuid(),
  tenant: z.uuid(),
  site: siteKeySchema,
  conversation: z.uuid(),
  /** For a client of the first contract, which knows no way to a fresh token. */
  v1: z.literal(true).optional(),
  /** For the verified user whose the conversation is. */
  verified: z.literal(true).optional(),
});

const TOKEN: ClaimsKind<typeof tokenSchema> = {
  audience: 'parley:conversation',
  lifetimeSeconds: 10 * 60,
  schema: tokenSchema,
  repeats: true,
};

/** The first widget keeps one token for as long as its page is open. */
const V1_LIFETIME_SECONDS = 12 * 60 * 60;

/** What a token authorises: one conversation of one site. */
export interface TokenGrant extends ConversationRef {
  siteKey: string;
  /** Given to the verified user whose the conversation is: what a stranger was given before does not lead there any more. */
  isVerified: boolean;
}

export interface VerifiedToken extends TokenGrant {
  tokenId: string;
  /** Opens any number of sockets, and for longer. */
  isV1: boolean;
  expiresAt: Date;
}

/** A token for one conversation, valid for ten minutes; a client asks for a new one before each connect. */
export function issueConversationToken(keys: SigningKeys, grant: TokenGrant) {
  return signClaims(keys, TOKEN, claimsOf(grant));
}

/** The same for a client of the first contract, whose visitors are strangers. */
export function issueV1Token(keys: SigningKeys, grant: Omit<TokenGrant, 'isVerified'>) {
  return signClaims(keys, TOKEN, { ...claimsOf({ ...grant, isVerified: false }), v1: true }, V1_LIFETIME_SECONDS);
}

function claimsOf({ tenantId, siteKey, conversationId, isVerified }: TokenGrant) {
  const claims = { jti: uuidv7(), tenant: tenantId, site: siteKey, conversation: conversationId };
  return isVerified ? { ...claims, verified: true as const } : claims;
}

/** Throws `token_expired` or `token_invalid`. */
export async function requireConversationToken(keys: SigningKeys, token: string): Promise<VerifiedToken> {
  const verified = await verifyClaims(keys, TOKEN, token);
  if (verified.kind === 'expired') throw new CodedError('token_expired', 'The token has expired; ask for a new one.');
  if (verified.kind === 'invalid') throw new CodedError('token_invalid', 'The token is not valid.');
  const { jti, tenant, site, conversation, v1 = false, verified: isVerified = false } = verified.claims;
  const grant = { tenantId: tenant, siteKey: site, conversationId: conversation, isVerified };
  return { ...grant, tokenId: jti, isV1: v1, expiresAt: verified.expiresAt };
}

import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { siteKeySchema } from '../../contracts/webchat.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { type ClaimsKind, signClaims, verifyClaims } from './signedClaims.ts';
import type { SigningKey } from './signingKey.ts';

const tokenSchema = z.object({ tenant: z.uuid(), site: siteKeySchema, conversation: z.uuid() });

const TOKEN: ClaimsKind<typeof tokenSchema> = {
  audience: 'parley:conversation',
  lifetimeSeconds: 10 * 60,
  schema: tokenSchema,
};

/** What a token authorises: one conversation of one site. */
export interface TokenGrant extends ConversationRef {
  siteKey: string;
}

/** A token for one conversation, valid for ten minutes; a client asks for a new one before each connect. */
export function issueConversationToken(key: SigningKey, { tenantId, siteKey, conversationId }: TokenGrant) {
  return signClaims(key, TOKEN, { tenant: tenantId, site: siteKey, conversation: conversationId });
}

/** Throws `token_expired` or `token_invalid`. */
export async function requireConversationToken(
  key: SigningKey,
  token: string,
): Promise<TokenGrant & { expiresAt: Date }> {
  const verified = await verifyClaims(key, TOKEN, token);
  if (verified.kind === 'expired') throw new CodedError('token_expired', 'The token has expired; ask for a new one.');
  if (verified.kind === 'invalid') throw new CodedError('token_invalid', 'The token is not valid.');
  const { tenant, site, conversation } = verified.claims;
  return { tenantId: tenant, siteKey: site, conversationId: conversation, expiresAt: verified.expiresAt };
}

import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import type { FileLink, FileRef } from '../../contracts/file.ts';
import { type ClaimsKind, signClaims, verifyClaims } from '../edge/signedClaims.ts';
import type { SigningKeys } from '../edge/signingKeys.ts';

const tokenSchema = z.object({ tenant: z.uuid(), conversation: z.uuid(), file: z.uuid() });

const TOKEN: ClaimsKind<typeof tokenSchema> = {
  audience: 'parley:file',
  // Long enough to look at a picture or to seek in a recording; whoever has the token of the conversation asks again.
  lifetimeSeconds: 10 * 60,
  schema: tokenSchema,
};

/** The address of one file for whoever gets it: it says nothing but ids, cannot be guessed or changed, and ends by itself. */
export async function issueFileLink(keys: SigningKeys, { tenantId, conversationId, id }: FileRef): Promise<FileLink> {
  const claims = { tenant: tenantId, conversation: conversationId, file: id };
  const { token, expiresAt } = await signClaims(keys, TOKEN, claims);
  return { url: `/v1/files/${token}`, expiresAt: expiresAt.toISOString() };
}

/** Throws `token_expired` or `token_invalid`. */
export async function requireFileToken(keys: SigningKeys, token: string): Promise<{ file: FileRef; expiresAt: Date }> {
  const verified = await verifyClaims(keys, TOKEN, token);
  if (verified.kind === 'expired') throw new CodedError('token_expired', 'The address has expired; ask for a new one.');
  if (verified.kind === 'invalid') throw new CodedError('token_invalid', 'There is no such address.');
  const { tenant, conversation, file } = verified.claims;
  return { file: { tenantId: tenant, conversationId: conversation, id: file }, expiresAt: verified.expiresAt };
}

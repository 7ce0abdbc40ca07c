import { CodedError } from '../../contracts/errors.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { requireConversationToken } from './conversationToken.ts';
import { type AllowedOrigins, requireOrigin } from './origin.ts';

/** A visitor with a token, in the one conversation that it authorises. */
export interface Visitor {
  ref: ConversationRef;
  siteKey: string;
  session: Session;
  tokenId: string;
  /** A client of the first contract. */
  isV1: boolean;
  /** When the token ends. */
  expiresAt: Date;
}

/**
 * Throws `token_invalid`, `token_expired`, `site_unknown`, `tenant_suspended`, `origin_not_allowed`, `conversation_not_found` or
 * `session_revoked`.
 */
export async function admitVisitor(
  api: Pick<ApiContext, 'keys' | 'directory' | 'settings'>,
  token: string,
  origin: string | undefined,
): Promise<Visitor> {
  const { tenantId, conversationId, siteKey, ...verified } = await requireConversationToken(api.keys, token);
  const site = await api.directory.site(siteKey);
  requireOrigin(origin, allowedOrigins(api, site));
  const ref = { tenantId, conversationId };
  const session = site.tenantId === tenantId ? await api.directory.session(ref) : undefined;
  const isHolders = session?.siteId === site.siteId && (verified.isVerified || !session.verifiedUserId);
  if (!isHolders) throw new CodedError('token_invalid', 'The token is not valid.');
  requireUnrevoked(session);
  const { tokenId, isV1, expiresAt } = verified;
  return { ref, siteKey, session, tokenId, isV1, expiresAt };
}

/** Throws `session_revoked`. */
export function requireUnrevoked({ revokedAt }: Session): void {
  if (revokedAt) throw new CodedError('session_revoked', 'The access to this conversation was revoked.');
}

/** The site's and its tenant's list, and the installation's. */
export function allowedOrigins({ settings }: Pick<ApiContext, 'settings'>, site: Site): AllowedOrigins {
  return { site: site.allowedOrigins, installation: settings.allowedOrigins };
}

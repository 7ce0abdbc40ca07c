import { CodedError } from '../../contracts/errors.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { requireConversationToken } from './conversationToken.ts';
import { requireOrigin } from './origin.ts';

/** A visitor with a token, in the one conversation that it authorises. */
export interface Visitor {
  ref: ConversationRef;
  siteKey: string;
  session: Session;
  /** When the token ends. */
  expiresAt: Date;
}

/** Throws `token_invalid`, `token_expired`, `site_unknown`, `origin_not_allowed` or `conversation_not_found`. */
export async function admitVisitor(
  api: Pick<ApiContext, 'key' | 'directory' | 'settings'>,
  token: string,
  origin: string | undefined,
): Promise<Visitor> {
  const { tenantId, conversationId, siteKey, expiresAt } = await requireConversationToken(api.key, token);
  const ref = { tenantId, conversationId };
  const site = await api.directory.site(siteKey);
  requireOrigin(origin, allowedOrigins(api, site));
  const session = await api.directory.session(ref);
  if (session.siteId !== site.siteId) throw new CodedError('token_invalid', 'The token is not valid.');
  return { ref, siteKey, session, expiresAt };
}

/** The site's own list and the installation's. */
export function allowedOrigins({ settings }: Pick<ApiContext, 'settings'>, site: Site): string[] {
  return [...site.allowedOrigins, ...settings.allowedOrigins];
}

import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../contracts/errors.ts';
import type { TokenRequest } from '../../contracts/webchat.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { bearerOf } from './bearer.ts';
import { requireConversationToken } from './conversationToken.ts';
import { requireUnrevoked } from './visitor.ts';
import { findSession } from './visitorSession.ts';

type Edge = Pick<ApiContext, 'keys' | 'directory' | 'identities'>;

/**
 * The session whose holder asks for a fresh token. A stranger's is held by whoever knows its conversation; a verified user's, or
 * any where the site must know of everyone, by whom the site names, and for as long as its last token is valid.
 * Throws `conversation_not_found`, `session_revoked`, `identity_required` or as `Identities.verify` does.
 */
export async function requireHolder(
  api: Edge,
  site: Site,
  request: FastifyRequest<{ Body: TokenRequest }>,
): Promise<Session> {
  const { conversationId, identity } = request.body;
  const session = await findSession(api, site, conversationId);
  if (!session) throw notFound();
  requireUnrevoked(session);
  if (!session.verifiedUserId && !site.identity?.required) return session;
  if (identity !== undefined) {
    const { userId } = await api.identities.verify(site, identity);
    if (session.verifiedUserId !== userId) throw notFound();
  } else if (!(await holdsToken(api, request, session))) {
    throw new CodedError('identity_required', 'This conversation takes the identity of its user.');
  }
  return session;
}

/** What was given to a stranger is not worth a fresh one once the conversation is a verified user's. */
async function holdsToken(
  { keys }: Edge,
  { headers, body }: FastifyRequest<{ Body: TokenRequest }>,
  { verifiedUserId }: Session,
): Promise<boolean> {
  if (headers.authorization === undefined) return false;
  const { conversationId, isVerified } = await requireConversationToken(keys, bearerOf({ headers }));
  return conversationId === body.conversationId.toLowerCase() && (isVerified || !verifiedUserId);
}

function notFound(): CodedError {
  return new CodedError('conversation_not_found', 'There is no such conversation.');
}

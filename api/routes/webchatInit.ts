import type { FastifyRequest } from 'fastify';
import { initRequestSchema, tokenRequestSchema, tokenResponseSchema } from '../../contracts/webchat.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { admitStart } from '../edge/admitStart.ts';
import { consumeChallenge } from '../edge/challenge.ts';
import { issueConversationToken } from '../edge/conversationToken.ts';
import { originOf, requireOrigin } from '../edge/origin.ts';
import { requireHolder } from '../edge/requireHolder.ts';
import { allowedOrigins } from '../edge/visitor.ts';
import { findOwnSession, identify, keepTraits, openSession } from '../edge/visitorSession.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const CHALLENGE_PROBLEMS = [
  'challenge_invalid',
  'challenge_expired',
  'challenge_used',
  'origin_not_allowed',
  'site_unknown',
  'tenant_suspended',
] as const;
const IDENTITY_PROBLEMS = [
  'identity_required',
  'identity_invalid',
  'identity_expired',
  'identity_unavailable',
  'session_revoked',
] as const;
const START_PROBLEMS = ['pow_required', 'pow_invalid'] as const;

/** `init` opens a conversation or finds the visitor's; `token` gives a fresh token for a known one. */
export const webchatInitRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/webchat/init',
    {
      config: { access: 'public', limit: 'ip.init' },
      schema: {
        tags: ['webchat'],
        body: initRequestSchema,
        response: {
          200: tokenResponseSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...CHALLENGE_PROBLEMS,
            ...IDENTITY_PROBLEMS,
            ...START_PROBLEMS,
            'database_unavailable',
          ),
        },
      },
    },
    async (request) => {
      const { body, headers, ip } = request;
      const { site, issuedAt } = await admitToSite(api, request, body);
      const verified = await identify(api, site, body.identity);
      const arrival = { site, conversationId: body.conversationId, verified };
      const known = await findOwnSession(api, arrival);
      let session = known;
      if (!session) {
        const { challenge: text, proofOfWork: proof, source } = body;
        await admitStart(api, { site, ip, challenge: { text, issuedAt }, proof });
        session = await openSession(api, arrival, { ...body, source: { ...source, origin: originOf(headers) } });
      }
      const isNews = await keepTraits(api, session, { traits: body.traits, verified });
      // Of a session that has just begun there is no card yet.
      if (isNews && known) api.visitorChanged(known);
      return grant(api, site, session, ip);
    },
  );

  app.post(
    '/v1/webchat/token',
    {
      config: { access: 'public', limit: 'ip.token' },
      schema: {
        tags: ['webchat'],
        // The last token, for the conversation of a verified user.
        security: [{}, { conversationToken: [] }],
        body: tokenRequestSchema,
        response: {
          200: tokenResponseSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...CHALLENGE_PROBLEMS,
            ...IDENTITY_PROBLEMS,
            'token_invalid',
            'token_expired',
            'conversation_not_found',
            'database_unavailable',
          ),
        },
      },
    },
    async (request) => {
      const { site } = await admitToSite(api, request, request.body);
      return grant(api, site, await requireHolder(api, site, request), request.ip);
    },
  );
};

async function admitToSite(
  api: ApiContext,
  request: FastifyRequest,
  { siteKey, challenge }: { siteKey: string; challenge: string },
): Promise<{ site: Site; issuedAt: Date }> {
  const site = await api.directory.site(siteKey);
  const origin = originOf(request.headers);
  requireOrigin(origin, allowedOrigins(api, site));
  const { issuedAt } = await consumeChallenge(api, challenge, { siteKey, origin });
  request.log = request.log.child({ tenant_id: site.tenantId });
  return { site, issuedAt };
}

async function grant(api: ApiContext, { tenantId, key: siteKey }: Site, session: Session, ip: string) {
  const { conversationId, verifiedUserId } = session;
  const isVerified = verifiedUserId !== null;
  api.sightings.visited(session, ip);
  const { token, expiresAt } = await issueConversationToken(api.keys, {
    tenantId,
    siteKey,
    conversationId,
    isVerified,
  });
  return { conversationId, token, expiresAt: expiresAt.toISOString() };
}

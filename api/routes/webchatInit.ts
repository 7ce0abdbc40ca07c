import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { CodedError } from '../../contracts/errors.ts';
import {
  type InitRequest,
  initRequestSchema,
  tokenRequestSchema,
  tokenResponseSchema,
} from '../../contracts/webchat.ts';
import type { Session } from '../../db/queries/getSession.ts';
import { insertSession } from '../../db/queries/insertSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { admitStart } from '../edge/admitStart.ts';
import { consumeChallenge } from '../edge/challenge.ts';
import { issueConversationToken } from '../edge/conversationToken.ts';
import { originOf, requireOrigin } from '../edge/origin.ts';
import { allowedOrigins } from '../edge/visitor.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const CHALLENGE_PROBLEMS = [
  'challenge_invalid',
  'challenge_expired',
  'challenge_used',
  'origin_not_allowed',
  'site_unknown',
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
          ...problemResponses(...BODY_PROBLEMS, ...CHALLENGE_PROBLEMS, ...START_PROBLEMS, 'database_unavailable'),
        },
      },
    },
    async (request) => {
      const { site, issuedAt } = await admitToSite(api, request, request.body);
      const known = await findSession(api, site, request.body);
      if (known) return grant(api, site, known);
      const { challenge, proofOfWork: proof } = request.body;
      await admitStart(api, { site, ip: request.ip, challenge: { text: challenge, issuedAt }, proof });
      return grant(api, site, await openSession(api, site, request));
    },
  );

  app.post(
    '/v1/webchat/token',
    {
      config: { access: 'public', limit: 'ip.token' },
      schema: {
        tags: ['webchat'],
        body: tokenRequestSchema,
        response: {
          200: tokenResponseSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...CHALLENGE_PROBLEMS,
            'conversation_not_found',
            'database_unavailable',
          ),
        },
      },
    },
    async (request) => {
      const { site } = await admitToSite(api, request, request.body);
      const session = await findSession(api, site, request.body);
      if (!session) throw new CodedError('conversation_not_found', 'There is no such conversation.');
      return grant(api, site, session);
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

/** The visitor's session on this site by conversation id. Undefined when unknown or erased: `init` then opens a new one. */
async function findSession(
  api: ApiContext,
  { tenantId, siteId }: Site,
  { conversationId }: { conversationId?: string },
): Promise<Session | undefined> {
  if (!conversationId) return undefined;
  try {
    const session = await api.directory.session({ tenantId, conversationId });
    return session.siteId === siteId ? session : undefined;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'conversation_not_found') return undefined;
    throw error;
  }
}

async function openSession(
  api: ApiContext,
  { tenantId, siteId }: Site,
  { body, headers }: FastifyRequest<{ Body: InitRequest }>,
): Promise<Session> {
  const { externalSessionId, visitorName, source } = body;
  const session = await insertSession(api.db, {
    tenantId,
    siteId,
    // Whoever knows a conversation's id may read it: random, not only unique.
    conversationId: uuidv7(),
    externalSessionId,
    visitorName,
    source: { ...source, origin: originOf(headers) },
  });
  api.directory.remember(session);
  return session;
}

async function grant(api: ApiContext, { tenantId, key }: Site, { conversationId }: Session) {
  const { token, expiresAt } = await issueConversationToken(api.key, { tenantId, siteKey: key, conversationId });
  return { conversationId, token, expiresAt: expiresAt.toISOString() };
}

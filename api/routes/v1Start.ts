import { CodedError } from '../../contracts/errors.ts';
import { v1StartRequestSchema, v1StartResponseSchema } from '../../contracts/v1.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import { findSiteForOrigin } from '../../db/queries/sites/findSiteForOrigin.ts';
import type { ApiContext } from '../context.ts';
import { admitStart } from '../edge/admitStart.ts';
import { conversationInput } from '../edge/conversationInput.ts';
import { issueV1Token } from '../edge/conversationToken.ts';
import { originOf, requireOrigin } from '../edge/origin.ts';
import { allowedOrigins } from '../edge/visitor.ts';
import { findOwnSession, identify, openSession } from '../edge/visitorSession.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** The first widget's start, for the default tenant: a conversation with its topic and welcome, and a token for /v1/ws. */
export const v1StartRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/conversations/start',
    {
      config: { access: 'public', limit: 'ip.init' },
      schema: {
        tags: ['v1'],
        body: v1StartRequestSchema,
        response: {
          200: v1StartResponseSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            'origin_not_allowed',
            'site_unknown',
            'tenant_suspended',
            'identity_required',
            'session_revoked',
            'pow_required',
            'rate_limited',
            'conversation_not_found',
            'engine_unavailable',
            'database_unavailable',
          ),
        },
      },
    },
    async ({ body, headers, ip }) => {
      const origin = originOf(headers);
      const site = await siteFor(api, origin);
      requireOrigin(origin, allowedOrigins(api, site));
      await identify(api, site, undefined);
      const arrival = { site, conversationId: body.conversationId };
      let session = await findOwnSession(api, arrival);
      if (!session) {
        await admitStart(api, { site, ip });
        session = await openSession(api, arrival, { ...body, source: { ...body.source, origin } });
      }
      await api.engine.openConversation(conversationInput(session, site), site.look.welcome);
      const { tenantId, conversationId } = session;
      const { token, expiresAt } = await issueV1Token(api.keys, { tenantId, siteKey: site.key, conversationId });
      return { conversationId, token, expiresAt: expiresAt.toISOString() };
    },
  );
};

/** The first contract names no site: it is the one that lists the page's origin, else the default tenant's first. */
async function siteFor({ db, directory }: ApiContext, origin: string | undefined): Promise<Site> {
  const siteKey = await findSiteForOrigin(db, DEFAULT_TENANT_ID, origin);
  if (siteKey === undefined) throw new CodedError('site_unknown', 'The default tenant has no site.');
  return directory.site(siteKey);
}

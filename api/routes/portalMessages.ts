import { portalHistoryQuerySchema, portalHistorySchema, portalMessageSchema } from '../../contracts/portal.ts';
import { messageAcceptedSchema } from '../../contracts/webchat.ts';
import { readHistory } from '../../db/queries/portal/readHistory.ts';
import { asPerson } from '../access/asPerson.ts';
import { acceptPortalMessage } from '../portal/acceptPortalMessage.ts';
import { portalConversationFor } from '../portal/portalAccess.ts';
import { conversationParams, forPeople, PORTAL_PROBLEMS, portalTags } from './portalProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const URL = '/api/portal/chat/conversations/:id/messages';

/** What was said in a person's conversation with an agent, and the socket's `message` for clients without one. */
export const portalMessagesRoutes: RouteModule = async (app, { api }) => {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get(
    URL,
    {
      config: { ...forPeople, limit: 'ip.history' },
      schema: {
        tags: portalTags,
        params: conversationParams,
        querystring: portalHistoryQuerySchema,
        response: { 200: portalHistorySchema, ...problemResponses(...PORTAL_PROBLEMS, 'conversation_not_found') },
      },
    },
    async ({ principal, params, query }) => {
      const { id, tenantId } = await portalConversationFor(api, asPerson(principal), params.id, 'read');
      return readHistory(api, { tenantId, conversationId: id }, query);
    },
  );

  app.post(
    URL,
    {
      config: { ...forPeople, limit: 'ip.message' },
      schema: {
        tags: portalTags,
        params: conversationParams,
        body: portalMessageSchema,
        response: {
          202: messageAcceptedSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...PORTAL_PROBLEMS,
            'conversation_not_found',
            'agent_unknown',
            'agent_disabled',
            'message_empty',
            'message_too_long',
            'rate_limited',
            'engine_unavailable',
          ),
        },
      },
    },
    async ({ principal, params, body }, reply) => {
      const row = await portalConversationFor(api, asPerson(principal), params.id, 'write');
      await acceptPortalMessage(api, row, body);
      return reply.code(202).send({ clientMessageId: body.clientMessageId, status: 'sent' });
    },
  );
};

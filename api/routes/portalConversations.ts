import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { pageSchema, toPage } from '../../contracts/page.ts';
import {
  portalConversationSchema,
  portalListQuerySchema,
  portalOpenRequestSchema,
  portalTokenResponseSchema,
} from '../../contracts/portal.ts';
import { listPortalConversations } from '../../db/queries/portal/listPortalConversations.ts';
import { openPortalConversation } from '../../db/queries/portal/openPortalConversation.ts';
import { toPortalConversation } from '../../db/queries/portal/portalRow.ts';
import { asPerson } from '../access/asPerson.ts';
import { byRequest } from '../access/byRequest.ts';
import { emptyPortalConversation } from '../portal/emptyPortalConversation.ts';
import { portalConversationFor } from '../portal/portalAccess.ts';
import { portalTenant } from '../portal/portalTenant.ts';
import { issuePortalToken } from '../portal/portalToken.ts';
import { conversationParams, forPeople, PORTAL_PROBLEMS, portalTags } from './portalProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

/** A signed-in person's conversations with a tenant's AI agents: one with each agent. */
export const portalConversationsRoutes: RouteModule = async (app, { api }) => {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  const onePortalProblems = problemResponses(...PORTAL_PROBLEMS, 'conversation_not_found');

  app.post(
    '/api/portal/chat/conversations',
    {
      config: forPeople,
      schema: {
        tags: portalTags,
        body: portalOpenRequestSchema,
        response: {
          200: portalConversationSchema,
          201: portalConversationSchema,
          ...problemResponses(...BODY_PROBLEMS, ...PORTAL_PROBLEMS, 'agent_unknown'),
        },
      },
    },
    async ({ principal, body }, reply) => {
      const person = asPerson(principal);
      const tenantId = await portalTenant(api.rights, person, body.tenantId);
      const agent = await api.portalAgents.get(tenantId, body.agent);
      if (!agent.enabled) throw new CodedError('agent_unknown', 'There is no such agent.');
      const { row, made } = await openPortalConversation(api.db, {
        tenantId,
        agentId: agent.id,
        userId: person.userId,
      });
      return reply.code(made ? 201 : 200).send(toPortalConversation(row));
    },
  );

  app.get(
    '/api/portal/chat/conversations',
    {
      config: forPeople,
      schema: {
        tags: portalTags,
        querystring: portalListQuerySchema,
        response: { 200: pageSchema(portalConversationSchema), ...problemResponses(...PORTAL_PROBLEMS) },
      },
    },
    async ({ principal, query: { tenantId: named, cursor, limit } }) => {
      const person = asPerson(principal);
      const tenantId = await portalTenant(api.rights, person, named);
      const rows = await listPortalConversations(api.db, {
        tenantId,
        userId: person.platformAdmin ? undefined : person.userId,
        before: cursor,
        limit: limit + 1,
      });
      return toPage(rows, limit, toPortalConversation);
    },
  );

  app.get(
    '/api/portal/chat/conversations/:id',
    {
      config: forPeople,
      schema: {
        tags: portalTags,
        params: conversationParams,
        response: { 200: portalConversationSchema, ...onePortalProblems },
      },
    },
    async ({ principal, params }) =>
      toPortalConversation(await portalConversationFor(api, asPerson(principal), params.id, 'read')),
  );

  app.delete(
    '/api/portal/chat/conversations/:id',
    {
      config: forPeople,
      schema: {
        tags: portalTags,
        params: conversationParams,
        response: {
          204: z.null(),
          ...problemResponses(...PORTAL_PROBLEMS, 'conversation_not_found', 'conflict', 'engine_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { principal, params } = request;
      const row = await portalConversationFor(api, asPerson(principal), params.id, 'write');
      await emptyPortalConversation(api, row, byRequest(request));
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/portal/chat/conversations/:id/token',
    {
      config: forPeople,
      schema: {
        tags: portalTags,
        params: conversationParams,
        response: { 200: portalTokenResponseSchema, ...onePortalProblems },
      },
    },
    async ({ principal, params }) => {
      const { id, tenantId, userId } = await portalConversationFor(api, asPerson(principal), params.id, 'write');
      const { token, expiresAt } = await issuePortalToken(api.keys, { tenantId, conversationId: id, userId });
      return { conversationId: id, token, expiresAt: expiresAt.toISOString() };
    },
  );
};

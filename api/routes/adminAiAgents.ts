import { z } from 'zod';
import { aiAgentInputSchema, aiAgentPatchSchema, aiAgentViewSchema } from '../../contracts/aiAgent.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { toAgentView } from '../../db/queries/agents/agentRow.ts';
import { createAgent } from '../../db/queries/agents/createAgent.ts';
import { deleteAgent } from '../../db/queries/agents/deleteAgent.ts';
import { listAgents } from '../../db/queries/agents/listAgents.ts';
import { updateAgent } from '../../db/queries/agents/updateAgent.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const paramsSchema = z.object({ id: z.uuid().toLowerCase() });
const mayRead = { access: { scope: 'settings:read', role: 'viewer' } } as const;
const mayWrite = { access: { scope: 'settings:write', role: 'admin' } } as const;

/** The named AI agents of a tenant, which people of the portal talk to. */
export const adminAiAgentsRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/ai-agents',
    {
      config: mayRead,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(aiAgentViewSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listAgents(api.db, tenantId, { after: cursor, limit: limit + 1 }), limit, toAgentView),
  );

  app.post(
    '/v1/admin/ai-agents',
    {
      config: mayWrite,
      schema: {
        tags,
        body: aiAgentInputSchema,
        response: { 201: aiAgentViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict') },
      },
    },
    async (request, reply) => {
      const agent = await createAgent(api.db, request.tenantId, request.body, byRequest(request));
      return reply.code(201).send(toAgentView(agent));
    },
  );

  app.patch(
    '/v1/admin/ai-agents/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        body: aiAgentPatchSchema,
        response: {
          200: aiAgentViewSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'conflict'),
        },
      },
    },
    async (request) => {
      const ref = { tenantId: request.tenantId, agentId: request.params.id };
      return toAgentView(orNotFound(await updateAgent(api.db, ref, request.body, byRequest(request))));
    },
  );

  app.delete(
    '/v1/admin/ai-agents/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        response: { 204: z.null(), ...problemResponses(...ADMIN_PROBLEMS, 'not_found', 'conflict') },
      },
    },
    async (request, reply) => {
      const ref = { tenantId: request.tenantId, agentId: request.params.id };
      orNotFound(await deleteAgent(api.db, ref, byRequest(request)));
      return reply.code(204).send(null);
    },
  );
};

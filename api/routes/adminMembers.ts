import { z } from 'zod';
import { memberPatchSchema, memberSchema } from '../../contracts/member.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { changeRole } from '../../db/queries/members/changeRole.ts';
import { listMembers } from '../../db/queries/members/listMembers.ts';
import { removeMember } from '../../db/queries/members/removeMember.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const config = { access: { scope: 'members:manage', role: 'admin' } } as const;
const paramsSchema = z.object({ id: z.uuid().toLowerCase() });

/** The people of a tenant. Invitations bring them in. */
export const adminMembersRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/members',
    {
      config,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(memberSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) => {
      const members = await listMembers(api.db, tenantId, { after: cursor, limit: limit + 1 });
      return toPage(members, limit, (member) => member);
    },
  );

  app.patch(
    '/v1/admin/members/:id',
    {
      config,
      schema: {
        tags,
        params: paramsSchema,
        body: memberPatchSchema,
        response: {
          204: z.null().describe('The role holds within 5 s on every instance.'),
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'last_admin'),
        },
      },
    },
    async (request, reply) => {
      const member = { tenantId: request.tenantId, userId: request.params.id };
      orNotFound((await changeRole(api.db, member, request.body.role, byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/v1/admin/members/:id',
    {
      config,
      schema: {
        tags,
        params: paramsSchema,
        response: {
          204: z.null().describe('They have no access within 5 s on every instance.'),
          ...problemResponses(...ADMIN_PROBLEMS, 'not_found', 'last_admin'),
        },
      },
    },
    async (request, reply) => {
      const member = { tenantId: request.tenantId, userId: request.params.id };
      orNotFound((await removeMember(api.db, member, byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );
};

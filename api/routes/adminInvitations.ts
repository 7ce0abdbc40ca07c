import { z } from 'zod';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { createInvitationSchema, invitationSchema } from '../../contracts/people.ts';
import { createInvitation, type Invitation } from '../../db/queries/invitations/createInvitation.ts';
import { deleteInvitation } from '../../db/queries/invitations/deleteInvitation.ts';
import { listInvitations } from '../../db/queries/invitations/listInvitations.ts';
import { getTenant } from '../../db/queries/tenants/getTenant.ts';
import { byRequest } from '../access/byRequest.ts';
import { issuerOf } from '../access/issuerOf.ts';
import { newInvitationToken } from '../people/invitationToken.ts';
import { invitationMail } from '../people/mails.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const VALID_MS = 7 * 24 * 60 * 60 * 1_000;

const tags = ['admin'];
const config = { access: { scope: 'members:manage', role: 'admin' } } as const;

/** Places in a tenant that are offered by mail. */
export const adminInvitationsRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/invitations',
    {
      config,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(invitationSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) => {
      const invitations = await listInvitations(api.db, tenantId, { after: cursor, limit: limit + 1 });
      return toPage(invitations, limit, toView);
    },
  );

  app.post(
    '/v1/admin/invitations',
    {
      config,
      schema: {
        tags,
        body: createInvitationSchema,
        response: {
          201: invitationSchema.describe('The mail is on its way. An earlier one to the address is void.'),
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'mail_unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const by = byRequest(request);
      const { token, tokenHash } = newInvitationToken();
      const expiresAt = new Date(Date.now() + VALID_MS);
      const invitedBy = [by.actor.kind, by.actor.id].filter(Boolean).join('/');
      const tenant = orNotFound(await getTenant(api.db, tenantId));
      const invitation = await createInvitation(
        api.db,
        { ...body, tenantId, tokenHash, invitedBy, expiresAt },
        issuerOf(request.principal),
        by,
      );
      await api.mailer.send(invitationMail(body.email, tenant.name, token, api.people.publicUrl()));
      return reply.code(201).send(toView(invitation));
    },
  );

  app.delete(
    '/v1/admin/invitations/:id',
    {
      config,
      schema: {
        tags,
        params: z.object({ id: z.uuid().toLowerCase() }),
        response: {
          204: z.null().describe('Its token is worth nothing any more.'),
          ...problemResponses(...ADMIN_PROBLEMS, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, params } = request;
      orNotFound((await deleteInvitation(api.db, tenantId, params.id, byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );
};

function toView({ id, email, role, createdAt, expiresAt, acceptedAt }: Invitation): z.infer<typeof invitationSchema> {
  return {
    id,
    email,
    role,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    acceptedAt: acceptedAt?.toISOString() ?? null,
  };
}

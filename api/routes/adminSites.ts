import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { siteInputSchema, sitePatchSchema, siteViewSchema } from '../../contracts/siteAdmin.ts';
import { createSite } from '../../db/queries/sites/createSite.ts';
import { deleteSite } from '../../db/queries/sites/deleteSite.ts';
import { getSite } from '../../db/queries/sites/getSite.ts';
import { listSites } from '../../db/queries/sites/listSites.ts';
import { toSiteView } from '../../db/queries/sites/siteRow.ts';
import { updateSite } from '../../db/queries/sites/updateSite.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const KEY_BYTES = 12;

const tags = ['admin'];
const paramsSchema = z.object({ id: z.uuid().toLowerCase() });
const mayRead = { access: { scope: 'settings:read', role: 'viewer' } } as const;
const mayWrite = { access: { scope: 'settings:write', role: 'admin' } } as const;

/** The websites of a tenant that embed the widget. Changes hold on every instance within 5 s. */
export const adminSitesRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/sites',
    {
      config: mayRead,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(siteViewSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listSites(api.db, tenantId, { after: cursor, limit: limit + 1 }), limit, toSiteView),
  );

  app.post(
    '/v1/admin/sites',
    {
      config: mayWrite,
      schema: {
        tags,
        body: siteInputSchema,
        response: { 201: siteViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict') },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const identitySecret = await sealed(api, tenantId, body.identitySecret);
      const site = { ...body, identitySecret, tenantId, key: newKey() };
      return reply.code(201).send(toSiteView(await createSite(api.db, site, byRequest(request))));
    },
  );

  app.get(
    '/v1/admin/sites/:id',
    {
      config: mayRead,
      schema: {
        tags,
        params: paramsSchema,
        response: { 200: siteViewSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId, params }) => toSiteView(orNotFound(await getSite(api.db, tenantId, params.id))),
  );

  app.patch(
    '/v1/admin/sites/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        body: sitePatchSchema,
        response: {
          200: siteViewSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'conflict'),
        },
      },
    },
    async (request) => {
      const { tenantId, params } = request;
      const { identitySecret: secret, ...fields } = request.body;
      const changes = {
        ...fields,
        ...(secret !== undefined && { identitySecret: await sealed(api, tenantId, secret) }),
      };
      const updated = await updateSite(api.db, { tenantId, siteId: params.id }, changes, byRequest(request));
      return toSiteView(orNotFound(updated));
    },
  );

  app.delete(
    '/v1/admin/sites/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        response: { 204: z.null(), ...problemResponses(...ADMIN_PROBLEMS, 'not_found', 'conflict') },
      },
    },
    async (request, reply) => {
      const ref = { tenantId: request.tenantId, siteId: request.params.id };
      orNotFound(await deleteSite(api.db, ref, byRequest(request)));
      return reply.code(204).send(null);
    },
  );
};

async function sealed({ secrets }: ApiContext, tenantId: string, secret: string | null): Promise<Buffer | null> {
  return secret === null ? null : secrets.seal(tenantId, secret);
}

/** Public, but not to be guessed from another one. */
function newKey(): string {
  return `site_${randomBytes(KEY_BYTES).toString('base64url')}`;
}

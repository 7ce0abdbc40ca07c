import { z } from 'zod';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { type TenantView, tenantInputSchema, tenantViewSchema } from '../../contracts/tenant.ts';
import { createTenant } from '../../db/queries/tenants/createTenant.ts';
import { getTenant, type Tenant } from '../../db/queries/tenants/getTenant.ts';
import { listTenants } from '../../db/queries/tenants/listTenants.ts';
import { setTenantStatus } from '../../db/queries/tenants/setTenantStatus.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const paramsSchema = z.object({ id: z.uuid().toLowerCase() });

const COMMANDS = { suspend: 'suspended', resume: 'active' } as const;
const commandNames = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

/** The customers of the installation, for whoever runs it. A suspended tenant is refused everywhere within 5 s. */
export const adminTenantsRoutes: RouteModule = async (app, { api }) => {
  const config = { access: { platform: true } } as const;
  const tags = ['admin'];

  app.get(
    '/v1/admin/tenants',
    {
      config,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(tenantViewSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ query: { cursor, limit } }) =>
      toPage(await listTenants(api.db, { after: cursor, limit: limit + 1 }), limit, toView),
  );

  app.post(
    '/v1/admin/tenants',
    {
      config,
      schema: {
        tags,
        body: tenantInputSchema,
        response: { 201: tenantViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict') },
      },
    },
    async (request, reply) => {
      const tenant = await createTenant(api.db, request.body, byRequest(request));
      return reply.code(201).send(toView(tenant));
    },
  );

  const one = {
    config,
    schema: {
      tags,
      params: paramsSchema,
      response: { 200: tenantViewSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
    },
  };

  app.get('/v1/admin/tenants/:id', one, async ({ params }) => toView(orNotFound(await getTenant(api.db, params.id))));

  for (const name of commandNames) {
    app.post(`/v1/admin/tenants/:id/${name}`, one, async (request) => {
      const { id } = request.params;
      await setTenantStatus(api.db, id, COMMANDS[name], byRequest(request));
      await api.hub.announceRevocation({ tenantId: id });
      return toView(orNotFound(await getTenant(api.db, id)));
    });
  }
};

function toView({ id, slug, name, status, createdAt, updatedAt }: Tenant): TenantView {
  return { id, slug, name, status, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayReceive } from '../../channels/webhook/webhookAddress.ts';
import { makeWebhookSecret } from '../../channels/webhook/webhookSecret.ts';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import {
  rotateSecretSchema,
  webhookInputSchema,
  webhookPatchSchema,
  webhookViewSchema,
  webhookWithSecretSchema,
} from '../../contracts/webhook.ts';
import { createWebhook } from '../../db/queries/webhooks/createWebhook.ts';
import { deleteWebhook } from '../../db/queries/webhooks/deleteWebhook.ts';
import { getWebhook } from '../../db/queries/webhooks/getWebhook.ts';
import { listWebhooks } from '../../db/queries/webhooks/listWebhooks.ts';
import { rotateWebhookSecret } from '../../db/queries/webhooks/rotateWebhookSecret.ts';
import { updateWebhook } from '../../db/queries/webhooks/updateWebhook.ts';
import { toWebhookView } from '../../db/queries/webhooks/webhookRow.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const params = z.object({ id: z.uuid().toLowerCase() });
const mayRead = { access: { scope: 'settings:read', role: 'viewer' } } as const;
const mayWrite = { access: { scope: 'settings:write', role: 'admin' } } as const;

/** Where a tenant's events go: docs/webhooks.md. A secret is shown once, when it is made. */
export const adminWebhooksRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/webhooks',
    {
      config: mayRead,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(webhookViewSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listWebhooks(api.db, tenantId, { after: cursor, limit: limit + 1 }), limit, (row) =>
        toWebhookView(row),
      ),
  );

  app.post(
    '/v1/admin/webhooks',
    {
      config: mayWrite,
      schema: {
        tags,
        body: webhookInputSchema,
        response: {
          201: webhookWithSecretSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      requireReceivable(body.url, api.settings.webhookHosts);
      const secret = makeWebhookSecret();
      const sealed = await api.secrets.seal(tenantId, secret);
      const created = await createWebhook(api.db, tenantId, { ...body, secret: sealed }, byRequest(request));
      reply.header('cache-control', 'no-store');
      return reply.code(201).send({ ...toWebhookView(created), secret });
    },
  );

  app.get(
    '/v1/admin/webhooks/:id',
    {
      config: mayRead,
      schema: {
        tags,
        params,
        response: { 200: webhookViewSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async (request) => toWebhookView(orNotFound(await getWebhook(api.db, request.tenantId, request.params.id))),
  );

  app.patch(
    '/v1/admin/webhooks/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params,
        body: webhookPatchSchema,
        response: { 200: webhookViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async (request) => {
      const { body } = request;
      if (body.url !== undefined) requireReceivable(body.url, api.settings.webhookHosts);
      return toWebhookView(orNotFound(await updateWebhook(api.db, refOf(request), body, byRequest(request))));
    },
  );

  app.delete(
    '/v1/admin/webhooks/:id',
    {
      config: mayWrite,
      schema: { tags, params, response: { 204: z.null(), ...problemResponses(...ADMIN_PROBLEMS, 'not_found') } },
    },
    async (request, reply) => {
      orNotFound((await deleteWebhook(api.db, refOf(request), byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/admin/webhooks/:id/rotate-secret',
    {
      config: mayWrite,
      schema: {
        tags,
        params,
        body: rotateSecretSchema,
        response: {
          200: webhookWithSecretSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const secret = makeWebhookSecret();
      const sealed = await api.secrets.seal(tenantId, secret);
      const rotation = { ...body, secret: sealed };
      const rotated = await rotateWebhookSecret(api.db, refOf(request), rotation, byRequest(request));
      reply.header('cache-control', 'no-store');
      return { ...toWebhookView(orNotFound(rotated)), secret };
    },
  );
};

function refOf({ tenantId, params: { id } }: FastifyRequest<{ Params: { id: string } }>) {
  return { tenantId, endpointId: id };
}

/** What can be seen of an address is judged here, the rest whenever something is sent. */
function requireReceivable(url: string, allowedHosts: readonly string[]): void {
  if (mayReceive(new URL(url), allowedHosts)) return;
  throw new CodedError('invalid_request', 'Webhooks are sent to public addresses by https.', {
    details: [{ path: '/url', message: 'must be public, and https' }],
  });
}

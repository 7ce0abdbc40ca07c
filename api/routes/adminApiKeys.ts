import { z } from 'zod';
import { type ApiKeyView, apiKeyInputSchema, apiKeySchema, issuedApiKeySchema } from '../../contracts/apiKey.ts';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { type ApiKeyRow, insertApiKey } from '../../db/queries/apiKeys/insertApiKey.ts';
import { listApiKeys } from '../../db/queries/apiKeys/listApiKeys.ts';
import { revokeApiKey } from '../../db/queries/apiKeys/revokeApiKey.ts';
import { makeApiKey } from '../access/apiKeyText.ts';
import { byRequest } from '../access/byRequest.ts';
import { issuerOf } from '../access/issuerOf.ts';
import type { Permission } from '../access/principal.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const ACCESS: Permission = { scope: 'keys:manage', role: 'admin' };

/** A tenant's keys for programs: issued once, listed without what is secret, revoked for good. */
export const adminApiKeysRoutes: RouteModule = async (app, { api }) => {
  const shared = { tags: ['admin'] };

  app.post(
    '/v1/admin/api-keys',
    {
      config: { access: ACCESS },
      schema: {
        ...shared,
        body: apiKeyInputSchema,
        response: { 201: issuedApiKeySchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS) },
      },
    },
    async (request, reply) => {
      const { tenantId, principal, body } = request;
      const { key, ...kept } = makeApiKey();
      const expiresAt = futureOf(body.expiresAt);
      const row = await insertApiKey(
        api.db,
        { ...body, ...kept, tenantId, expiresAt },
        issuerOf(principal),
        byRequest(request),
      );
      reply.header('cache-control', 'no-store');
      return reply.code(201).send({ ...toView(row), key });
    },
  );

  app.get(
    '/v1/admin/api-keys',
    {
      config: { access: ACCESS },
      schema: {
        ...shared,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(apiKeySchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) => {
      const rows = await listApiKeys(api.db, tenantId, { before: cursor, limit: limit + 1 });
      return toPage(rows, limit, toView);
    },
  );

  app.delete(
    '/v1/admin/api-keys/:id',
    {
      config: { access: ACCESS },
      schema: {
        ...shared,
        params: z.object({ id: z.uuid().toLowerCase() }),
        response: {
          204: z.null().describe('It is revoked, within 5 s on every instance.'),
          ...problemResponses(...ADMIN_PROBLEMS, 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, params } = request;
      orNotFound((await revokeApiKey(api.db, tenantId, params.id, byRequest(request))) || undefined);
      return reply.code(204).send(null);
    },
  );
};

function futureOf(moment: string | undefined): Date | undefined {
  const date = moment === undefined ? undefined : new Date(moment);
  if (!date || date.getTime() > Date.now()) return date;
  const details = [{ path: '/expiresAt', message: 'must be in the future' }];
  throw new CodedError('invalid_request', 'The key would never be valid.', { details });
}

function toView({ expiresAt, revokedAt, lastUsedAt, createdAt, ...row }: ApiKeyRow): ApiKeyView {
  const { id, name, prefix, scopes, requestsPerMinute, createdBy } = row;
  return {
    id,
    name,
    prefix,
    scopes,
    requestsPerMinute,
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

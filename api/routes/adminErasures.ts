import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  bulkDeleteRequestSchema,
  type ErasureKind,
  erasureDetailsSchema,
  erasureSummarySchema,
  visitorSubjectSchema,
} from '../../contracts/erasure.ts';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { getErasure } from '../../db/queries/erasures/getErasure.ts';
import { insertErasure } from '../../db/queries/erasures/insertErasure.ts';
import { listErasures } from '../../db/queries/erasures/listErasures.ts';
import { resolveBulk, resolveVisitor } from '../../db/queries/erasures/resolveVisitor.ts';
import { type TenantTx, withTenant } from '../../db/withTenant.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const acceptedSchema = z.object({ id: z.uuid(), conversations: z.int().positive() });

/** Erasing a visitor, deleting conversations in bulk, and the receipts of both. */
export const adminErasuresRoutes: RouteModule = async (app, { api }) => {
  const config = { access: { scope: 'data:erase', role: 'admin' } } as const;
  const tags = ['admin'];
  const accepted = {
    202: acceptedSchema,
    ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conversation_not_found', 'engine_unavailable'),
  };

  app.post(
    '/v1/admin/erasures',
    { config, schema: { tags, body: visitorSubjectSchema, response: accepted } },
    async (request, reply) => {
      const { body, tenantId } = request;
      const [kind] = Object.keys(body) as ErasureKind[];
      const find = (tx: TenantTx) => resolveVisitor(tx, tenantId, body);
      return reply.code(202).send(await startErasure(api, request, kind, find));
    },
  );

  app.post(
    '/v1/admin/conversations/bulk-delete',
    { config, schema: { tags, body: bulkDeleteRequestSchema, response: accepted } },
    async (request, reply) => {
      const { body, tenantId } = request;
      const kind = 'ids' in body ? 'ids' : 'closedBefore';
      const find = (tx: TenantTx) => resolveBulk(tx, tenantId, body);
      return reply.code(202).send(await startErasure(api, request, kind, find));
    },
  );

  app.get(
    '/v1/admin/erasures',
    {
      config,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(erasureSummarySchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listErasures(api.db, tenantId, { before: cursor, limit: limit + 1 }), limit, (erasure) => erasure),
  );

  app.get(
    '/v1/admin/erasures/:id',
    {
      config,
      schema: {
        tags,
        params: z.object({ id: z.uuid().toLowerCase() }),
        response: { 200: erasureDetailsSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId, params }) => orNotFound(await getErasure(api.db, { tenantId, erasureId: params.id })),
  );
};

/**
 * Writes down what is to be erased, voids the sessions and starts the workflow, all or nothing: it is started before the
 * commit, and waits for it. Throws `conversation_not_found` where the tenant has nothing of that kind.
 */
async function startErasure(
  api: ApiContext,
  request: FastifyRequest,
  kind: ErasureKind | undefined,
  find: (tx: TenantTx) => Promise<string[]>,
): Promise<z.infer<typeof acceptedSchema>> {
  const { tenantId } = request;
  const erasureId = uuidv7();
  const conversationIds = await withTenant(api.db, tenantId, async (tx) => {
    const found = await find(tx);
    if (found.length === 0 || !kind) throw new CodedError('conversation_not_found', 'There is no such conversation.');
    const by = byRequest(request);
    const requestedBy = [by.actor.kind, by.actor.id].filter(Boolean).join(':');
    await insertErasure(tx, { tenantId, erasureId, kind, conversationIds: found, requestedBy });
    const audit = {
      action: 'erasure.requested',
      target: `erasure/${erasureId}`,
      data: { kind, conversationIds: found },
    };
    await insertAudit(tx, { ...by, tenantId, ...audit });
    await api.engine.startErasure({ tenantId, erasureId });
    return found;
  });
  await Promise.all(conversationIds.map((conversationId) => api.hub.announceRevocation({ tenantId, conversationId })));
  return { id: erasureId, conversations: conversationIds.length };
}

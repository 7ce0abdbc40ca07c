import { Readable } from 'node:stream';
import { z } from 'zod';
import { type AuditEntry, auditEntrySchema } from '../../contracts/audit.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import type { Db } from '../../db/createDb.ts';
import { addAudit } from '../../db/queries/audit/addAudit.ts';
import { listAudit } from '../../db/queries/audit/listAudit.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const EXPORT_PAGE = 500;
const JSON_LINES = 'application/x-ndjson';

/** Who did what in a tenant, the newest first. */
export const adminAuditRoutes: RouteModule = async (app, { api }) => {
  const config = { access: { scope: 'audit:read', role: 'admin' } } as const;
  const tags = ['admin'];

  app.get(
    '/v1/admin/audit',
    {
      config,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(auditEntrySchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listAudit(api.db, tenantId, { before: cursor, limit: limit + 1 }), limit, (entry) => entry),
  );

  app.get(
    '/v1/admin/audit/export',
    {
      config,
      schema: {
        tags,
        response: {
          200: { description: 'One line of JSON for each entry.', content: { [JSON_LINES]: { schema: z.unknown() } } },
          ...problemResponses(...ADMIN_PROBLEMS),
        },
      },
    },
    async (request, reply) => {
      const { tenantId } = request;
      const entry = { ...byRequest(request), tenantId, action: 'audit.exported', target: 'audit' };
      await addAudit(api.db, entry);
      reply.header('content-disposition', 'attachment; filename="audit.jsonl"').header('cache-control', 'no-store');
      return reply.type(JSON_LINES).send(Readable.from(lines(api.db, tenantId)));
    },
  );
};

/** Page by page, each a short transaction of its own: a long log neither fills the memory nor holds the database. */
async function* lines(db: Db, tenantId: string): AsyncGenerator<string> {
  let before: string | undefined;
  let page: AuditEntry[];
  do {
    page = await listAudit(db, tenantId, { before, limit: EXPORT_PAGE });
    for (const entry of page) yield `${JSON.stringify(entry)}\n`;
    before = page.at(-1)?.id;
  } while (page.length === EXPORT_PAGE);
}

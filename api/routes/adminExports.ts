import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { VisitorSubject } from '../../contracts/erasure.ts';
import { CodedError } from '../../contracts/errors.ts';
import { exportRequestSchema } from '../../contracts/exports.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { resolveVisitor } from '../../db/queries/erasures/resolveVisitor.ts';
import { type ExportScope, exportLines } from '../../db/queries/export/exportLines.ts';
import { withTenant } from '../../db/withTenant.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const JSON_LINES = 'application/x-ndjson';

/** A reader that is slower than that holds up Postgres' housekeeping for too long. */
const WITHIN_MS = 3_600_000;

/** A visitor's data, or a tenant's, as one stream of JSON lines while the system runs: docs/personal-data.md. */
export const adminExportsRoutes: RouteModule = async (app, { api }) => {
  // An instance that is stopped does not wait for readers: they see that the last line is missing, and ask another.
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.post(
    '/v1/admin/exports',
    {
      config: { access: { scope: 'data:export', role: 'admin' } },
      schema: {
        tags: ['admin'],
        body: exportRequestSchema,
        response: {
          200: {
            description:
              'JSON lines: `export`, a line a row, and `end` with their numbers; without it, it was cut off.',
            content: { [JSON_LINES]: { schema: z.unknown() } },
          },
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conversation_not_found', 'rate_limited'),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const leave = holdPlace(api, request.tenantId);
      const lines = new PassThrough();
      const done = admit(api, request, 'visitor' in body ? body.visitor : undefined)
        .then((scope) => writeArchive(api, scope, lines, closing.signal))
        .finally(leave);
      // What fails before the first line is a problem; after it, the archive ends without its last line.
      await Promise.race([once(lines, 'readable'), done]);
      done.catch((err: unknown) => request.log.warn({ err }, 'an export was cut off'));
      reply.header('content-disposition', 'attachment; filename="export.jsonl"').header('cache-control', 'no-store');
      return reply.type(JSON_LINES).send(lines);
    },
  );
};

/** A place among the tenant's exports and among all of the instance; the returned function gives it back. Throws `rate_limited`. */
function holdPlace({ limits }: ApiContext, tenantId: string): () => void {
  const leaveTenant = limits.hold('tenant.export', tenantId);
  try {
    const leaveInstance = limits.hold('instance.export', '');
    return () => {
      leaveTenant();
      leaveInstance();
    };
  } catch (error) {
    leaveTenant();
    throw error;
  }
}

/** Finds what is to be exported and tells the audit log. Throws `conversation_not_found` for a visitor that nobody knows. */
async function admit(
  { db }: ApiContext,
  request: FastifyRequest,
  visitor: VisitorSubject | undefined,
): Promise<ExportScope> {
  const { tenantId } = request;
  return withTenant(db, tenantId, async (tx) => {
    const conversationIds = visitor && (await resolveVisitor(tx, tenantId, visitor));
    if (conversationIds?.length === 0) {
      throw new CodedError('conversation_not_found', 'There is no such conversation.');
    }
    const action = conversationIds ? 'visitor.exported' : 'tenant.exported';
    const data = conversationIds ? { conversationIds } : {};
    await insertAudit(tx, { ...byRequest(request), tenantId, action, target: `tenant/${tenantId}`, data });
    return { tenantId, conversationIds };
  });
}

/** Resolves when all is written and the connection is free again; rejects, and frees it, when it is ended before. */
async function writeArchive(
  { db, words }: ApiContext,
  scope: ExportScope,
  lines: PassThrough,
  closing: AbortSignal,
): Promise<void> {
  await words.ready(scope.tenantId);
  const signal = AbortSignal.any([AbortSignal.timeout(WITHIN_MS), closing]);
  await withTenant(db, scope.tenantId, (tx) => pipeline(exportLines(tx, words, scope), lines, { signal }), {
    snapshot: true,
  });
}

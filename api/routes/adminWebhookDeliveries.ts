import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import {
  resendRequestSchema,
  testRequestSchema,
  type WebhookAttempt,
  webhookAttemptSchema,
} from '../../contracts/webhook.ts';
import { insertAudit } from '../../db/queries/audit/insertAudit.ts';
import { getWebhook } from '../../db/queries/webhooks/getWebhook.ts';
import { insertWebhookAttempt } from '../../db/queries/webhooks/insertWebhookAttempt.ts';
import { type AttemptRow, listWebhookAttempts } from '../../db/queries/webhooks/listWebhookAttempts.ts';
import { resendEvents } from '../../db/queries/webhooks/resendEvents.ts';
import type { WebhookRow } from '../../db/queries/webhooks/webhookRow.ts';
import { withTenant } from '../../db/withTenant.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { exampleEvent } from '../webhooks/exampleEvent.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const params = z.object({ id: z.uuid().toLowerCase() });
const mayRead = { access: { scope: 'settings:read', role: 'viewer' } } as const;
const mayWrite = { access: { scope: 'settings:write', role: 'admin' } } as const;

/** What was sent to an endpoint, and sending it again. */
export const adminWebhookDeliveriesRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/webhooks/:id/attempts',
    {
      config: mayRead,
      schema: {
        tags,
        params,
        querystring: pageQuerySchema.extend({ eventId: z.uuid().toLowerCase().optional() }),
        response: { 200: pageSchema(webhookAttemptSchema), ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId, params: { id }, query: { cursor, limit, eventId } }) => {
      orNotFound(await getWebhook(api.db, tenantId, id));
      const page = { before: cursor, limit: limit + 1, eventId };
      return toPage(await listWebhookAttempts(api.db, { tenantId, endpointId: id }, page), limit, toView);
    },
  );

  app.post(
    '/v1/admin/webhooks/:id/resend',
    {
      config: mayWrite,
      schema: {
        tags,
        params,
        body: resendRequestSchema,
        response: {
          202: z.object({ events: z.int().nonnegative() }).describe('So many are on their way.'),
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'webhook_disabled'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const ref = { tenantId, endpointId: request.params.id };
      const { status } = orNotFound(await getWebhook(api.db, tenantId, ref.endpointId));
      if (status === 'disabled') throw new CodedError('webhook_disabled', 'Switch the endpoint on before you resend.');
      const events = await resendEvents(api.db, ref, body, byRequest(request));
      if ('eventId' in body) orNotFound(events === 0 ? undefined : events);
      // What is committed is sent within a minute, whether or not this arrives.
      await api.engine.wakeWebhook(ref).catch((err: unknown) => request.log.warn({ err }, 'a webhook was not woken'));
      return reply.code(202).send({ events });
    },
  );

  app.post(
    '/v1/admin/webhooks/:id/test',
    {
      config: mayWrite,
      schema: {
        tags,
        params,
        body: testRequestSchema,
        response: {
          200: webhookAttemptSchema.describe('What the receiver made of it.'),
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found'),
        },
      },
    },
    async (request) => {
      const { tenantId, body } = request;
      const endpoint = orNotFound(await getWebhook(api.db, tenantId, request.params.id));
      const attempt = await sendExample(api, endpoint, body.event);
      const kept = await withTenant(api.db, tenantId, async (tx) => {
        const target = `webhook/${endpoint.id}`;
        await insertAudit(tx, { ...byRequest(request), tenantId, action: 'webhook.tested', target });
        return insertWebhookAttempt(tx, attempt);
      });
      return toView(kept);
    },
  );
};

async function sendExample(
  { secrets, sendWebhook }: ApiContext,
  { tenantId, id: endpointId, url, secret, includeText }: WebhookRow,
  event: AttemptRow['event'],
): Promise<Omit<AttemptRow, 'id'>> {
  const eventId = randomUUID();
  const attemptedAt = new Date();
  const body = JSON.stringify(exampleEvent(event, { id: eventId, tenantId, includeText, at: attemptedAt }));
  const request = { url, id: eventId, body, secrets: [await secrets.open(tenantId, secret)] };
  const { status = null, error = null, answer = null, durationMs } = await sendWebhook(request);
  return { tenantId, endpointId, eventId, event, conversationId: null, status, error, answer, durationMs, attemptedAt };
}

function toView({ tenantId: _tenant, endpointId: _endpoint, attemptedAt, ...attempt }: AttemptRow): WebhookAttempt {
  return { ...attempt, attemptedAt: attemptedAt.toISOString() };
}

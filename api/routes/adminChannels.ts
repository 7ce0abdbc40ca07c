import { createHash } from 'node:crypto';
import { z } from 'zod';
import { telegramSecretsSchema } from '../../channels/telegram/secrets.ts';
import {
  type ChannelPatch,
  type ChannelType,
  channelInputSchema,
  channelPatchSchema,
  channelViewSchema,
} from '../../contracts/channel.ts';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { type ChannelFields, toChannelView } from '../../db/queries/channels/channelView.ts';
import { createChannel } from '../../db/queries/channels/createChannel.ts';
import { deleteChannel } from '../../db/queries/channels/deleteChannel.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { listChannels } from '../../db/queries/channels/listChannels.ts';
import { updateChannel } from '../../db/queries/channels/updateChannel.ts';
import { byRequest } from '../access/byRequest.ts';
import type { ApiContext } from '../context.ts';
import { fromZodIssues } from '../errors/fromZodIssues.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const paramsSchema = z.object({ id: z.uuid().toLowerCase() });
const mayRead = { access: { scope: 'settings:read', role: 'viewer' } } as const;
const mayWrite = { access: { scope: 'settings:write', role: 'admin' } } as const;

/** A tenant's accounts at channels. Secrets go in and never come out. */
export const adminChannelsRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/admin/channels',
    {
      config: mayRead,
      schema: {
        tags,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(channelViewSchema), ...problemResponses(...ADMIN_PROBLEMS) },
      },
    },
    async ({ tenantId, query: { cursor, limit } }) =>
      toPage(await listChannels(api.db, tenantId, { after: cursor, limit: limit + 1 }), limit, toChannelView),
  );

  app.post(
    '/v1/admin/channels',
    {
      config: mayWrite,
      schema: {
        tags,
        body: channelInputSchema,
        response: { 201: channelViewSchema, ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict') },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const { type, channelId, status, settings } = body;
      requireAccount(type, channelId);
      const fields = { status, settings, secrets: null, webhookSecretHash: null };
      const kept = { ...fields, ...(await sealed(api, tenantId, type, body)) };
      const created = await createChannel(api.db, { ...kept, tenantId, type, channelId }, byRequest(request));
      return reply.code(201).send(toChannelView(created));
    },
  );

  app.get(
    '/v1/admin/channels/:id',
    {
      config: mayRead,
      schema: {
        tags,
        params: paramsSchema,
        response: { 200: channelViewSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId, params }) => toChannelView(orNotFound(await getChannel(api.db, tenantId, params.id))),
  );

  app.patch(
    '/v1/admin/channels/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        body: channelPatchSchema,
        response: {
          200: channelViewSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'conflict'),
        },
      },
    },
    async (request) => {
      const { tenantId, body } = request;
      const ref = { tenantId, connectionId: request.params.id };
      const { type } = orNotFound(await getChannel(api.db, tenantId, ref.connectionId));
      const updated = await updateChannel(api.db, ref, await sealed(api, tenantId, type, body), byRequest(request));
      return toChannelView(orNotFound(updated));
    },
  );

  app.delete(
    '/v1/admin/channels/:id',
    {
      config: mayWrite,
      schema: {
        tags,
        params: paramsSchema,
        response: { 204: z.null(), ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async (request, reply) => {
      const ref = { tenantId: request.tenantId, connectionId: request.params.id };
      orNotFound(await deleteChannel(api.db, ref, byRequest(request)));
      return reply.code(204).send(null);
    },
  );
};

/** Only the web has no account: its visitors come by a site. */
function requireAccount(type: ChannelType, channelId: string | null): void {
  if (type === 'web' || channelId !== null) return;
  throw new CodedError('invalid_request', 'The connection is not complete.', {
    details: [{ path: '/channelId', message: `a ${type} connection needs one` }],
  });
}

/** The fields with what is secret as it is kept; absent stays absent. */
async function sealed(
  api: ApiContext,
  tenantId: string,
  type: ChannelType,
  { secrets, webhookSecret, ...fields }: ChannelPatch,
): Promise<Partial<ChannelFields>> {
  return {
    ...fields,
    ...(secrets !== undefined && { secrets: await sealedSecrets(api, tenantId, type, secrets) }),
    ...(webhookSecret !== undefined && { webhookSecretHash: hashed(webhookSecret) }),
  };
}

async function sealedSecrets(api: ApiContext, tenantId: string, type: ChannelType, secrets: ChannelPatch['secrets']) {
  if (!secrets) return null;
  if (type === 'telegram') requireTelegramSecrets(secrets);
  return api.secrets.seal(tenantId, JSON.stringify(secrets));
}

function requireTelegramSecrets(secrets: object): void {
  const { error } = telegramSecretsSchema.safeParse(secrets);
  if (error) throw fromZodIssues(error.issues.map((issue) => ({ ...issue, path: ['secrets', ...issue.path] })));
}

function hashed(webhookSecret: string | null): Buffer | null {
  return webhookSecret === null ? null : createHash('sha256').update(webhookSecret).digest();
}

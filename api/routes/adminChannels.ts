import { z } from 'zod';
import {
  type ChannelType,
  channelInputSchema,
  channelPatchSchema,
  channelViewSchema,
} from '../../contracts/channel.ts';
import { CodedError } from '../../contracts/errors.ts';
import { pageQuerySchema, pageSchema, toPage } from '../../contracts/page.ts';
import { toChannelView } from '../../db/queries/channels/channelView.ts';
import { createChannel } from '../../db/queries/channels/createChannel.ts';
import { deleteChannel } from '../../db/queries/channels/deleteChannel.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { listChannels } from '../../db/queries/channels/listChannels.ts';
import { updateChannel } from '../../db/queries/channels/updateChannel.ts';
import { byRequest } from '../access/byRequest.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { channelFields } from './channelFields.ts';
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
        response: {
          201: channelViewSchema,
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'conflict', 'group_taken', 'bot_taken'),
        },
      },
    },
    async (request, reply) => {
      const { tenantId } = request;
      const { type, channelId, ...given } = request.body;
      requireAccount(type, channelId);
      const body = type === 'telegram' ? api.telegramSetup.completed(given) : given;
      const { status, settings } = body;
      const fields = { status, settings, secrets: null, botIds: [], webhookSecretHash: null };
      const kept = { ...fields, ...(await channelFields(api, { tenantId, type }, body)) };
      const after = await createChannel(api.db, { ...kept, tenantId, type, channelId }, byRequest(request));
      if (type === 'telegram') await api.telegramSetup.follow({ after, webhookSecret: body.webhookSecret });
      return reply.code(201).send(toChannelView(after));
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
          ...problemResponses(...BODY_PROBLEMS, ...ADMIN_PROBLEMS, 'not_found', 'conflict', 'group_taken', 'bot_taken'),
        },
      },
    },
    async (request) => {
      const { tenantId } = request;
      const ref = { tenantId, connectionId: request.params.id };
      const before = orNotFound(await getChannel(api.db, tenantId, ref.connectionId));
      const { type } = before;
      const body = type === 'telegram' ? api.telegramSetup.completed(request.body) : request.body;
      const fields = await channelFields(api, { tenantId, type }, body);
      const after = orNotFound(await updateChannel(api.db, ref, fields, byRequest(request)));
      if (type === 'telegram') await api.telegramSetup.follow({ before, after, webhookSecret: body.webhookSecret });
      return toChannelView(after);
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
      const before = orNotFound(await deleteChannel(api.db, ref, byRequest(request)));
      if (before.type === 'telegram') await api.telegramSetup.follow({ before });
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

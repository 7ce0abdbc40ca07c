import { z } from 'zod';
import { channelViewSchema, telegramChannelInputSchema } from '../../contracts/channel.ts';
import { diagnosisSchema } from '../../contracts/diagnosis.ts';
import { toChannelView } from '../../db/queries/channels/channelView.ts';
import { getChannel } from '../../db/queries/channels/getChannel.ts';
import { byRequest } from '../access/byRequest.ts';
import { connectTelegram } from '../telegram/connectTelegram.ts';
import { diagnoseChannel } from '../telegram/diagnoseChannel.ts';
import { ADMIN_PROBLEMS } from './adminProblems.ts';
import { orNotFound } from './orNotFound.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';

const tags = ['admin'];
const connectedSchema = z.object({ channel: channelViewSchema, diagnosis: diagnosisSchema });

/** Setting a channel up by hand of its provider, and what is wrong with one. */
export const adminTelegramChannelsRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/admin/channels/telegram',
    {
      config: { access: { scope: 'settings:write', role: 'admin' } },
      schema: {
        tags,
        body: telegramChannelInputSchema,
        response: {
          200: connectedSchema,
          201: connectedSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...ADMIN_PROBLEMS,
            'bot_token_refused',
            'group_refused',
            'group_taken',
            'bot_taken',
            'conflict',
            'telegram_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, body } = request;
      const { connection, created } = await connectTelegram(api, tenantId, body, byRequest(request));
      const diagnosis = await diagnoseChannel(api, connection);
      return reply.code(created ? 201 : 200).send({ channel: toChannelView(connection), diagnosis });
    },
  );

  app.get(
    '/v1/admin/channels/:id/diagnosis',
    {
      config: { access: { scope: 'settings:read', role: 'viewer' } },
      schema: {
        tags,
        params: z.object({ id: z.uuid().toLowerCase() }),
        response: { 200: diagnosisSchema, ...problemResponses(...ADMIN_PROBLEMS, 'not_found') },
      },
    },
    async ({ tenantId, params }) => diagnoseChannel(api, orNotFound(await getChannel(api.db, tenantId, params.id))),
  );
};

import { messageAcceptedSchema, messageRequestSchema } from '../../contracts/webchat.ts';
import { acceptMessage } from '../edge/acceptMessage.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS } from './visitorProblems.ts';

/** The socket's `message` for clients without one. */
export const webchatMessageRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/webchat/message',
    {
      config: { access: 'visitor', limit: 'ip.message' },
      schema: {
        tags: ['webchat'],
        body: messageRequestSchema,
        response: {
          202: messageAcceptedSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...VISITOR_PROBLEMS,
            'message_empty',
            'message_too_long',
            'file_unknown',
            'engine_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { visitor } = request;
      await acceptMessage(api, visitor, request.body);
      return reply.code(202).send({ clientMessageId: request.body.clientMessageId, status: 'sent' });
    },
  );
};

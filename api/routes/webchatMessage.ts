import { messageAcceptedSchema, messageRequestSchema } from '../../contracts/webchat.ts';
import { acceptMessage } from '../edge/acceptMessage.ts';
import { admitRequest } from '../edge/admitRequest.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS, visitorSecurity } from './visitorSchema.ts';

/** The socket's `message` for clients without one. */
export const webchatMessageRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/webchat/message',
    {
      schema: {
        tags: ['webchat'],
        security: visitorSecurity,
        body: messageRequestSchema,
        response: {
          202: messageAcceptedSchema,
          ...problemResponses(
            ...BODY_PROBLEMS,
            ...VISITOR_PROBLEMS,
            'message_empty',
            'message_too_long',
            'rate_limited',
            'engine_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const visitor = await admitRequest(api, request);
      await api.frameLimiter.consume(visitor.ref);
      await acceptMessage(api, visitor, request.body);
      return reply.code(202).send({ clientMessageId: request.body.clientMessageId, status: 'sent' });
    },
  );
};

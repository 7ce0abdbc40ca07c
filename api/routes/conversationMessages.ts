import { z } from 'zod';
import { CodedError } from '../../contracts/errors.ts';
import { MAX_SEQ } from '../../contracts/message.ts';
import { messagesPageSchema } from '../../contracts/webchat.ts';
import { listMessages } from '../../db/queries/listMessages.ts';
import { problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS } from './visitorProblems.ts';

const MAX_PAGE = 200;

const querySchema = z.object({
  since: z.coerce.number().int().min(0).max(MAX_SEQ).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
});

/** The visitor's own conversation, by pages. */
export const conversationMessagesRoutes: RouteModule = async (app, { api }) => {
  app.get(
    '/v1/conversations/:id/messages',
    {
      config: { access: 'visitor', limit: 'ip.history' },
      schema: {
        tags: ['conversations'],
        params: z.object({ id: z.uuid() }),
        querystring: querySchema,
        response: {
          200: messagesPageSchema,
          ...problemResponses(...VISITOR_PROBLEMS, 'invalid_request'),
        },
      },
    },
    async (request, reply) => {
      const { ref } = request.visitor;
      // The same answer for another's conversation as for one that does not exist.
      if (request.params.id.toLowerCase() !== ref.conversationId) {
        throw new CodedError('conversation_not_found', 'There is no such conversation.');
      }
      reply.header('cache-control', 'no-store');
      return listMessages(api, ref, request.query);
    },
  );
};

import { ratingRequestSchema } from '../../contracts/rating.ts';
import { acceptRating } from '../edge/acceptRating.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS } from './visitorProblems.ts';

const RATING = `How the visitor liked the conversation, 1 to 5, while it is closed. The first rating of a closing counts, and is
the answer to every later one; after the conversation was opened again, its next closing may be rated.`;

/** The socket's `rate` for clients without one. */
export const webchatRatingRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/webchat/rating',
    {
      config: { access: 'visitor', limit: 'ip.message' },
      schema: {
        tags: ['webchat'],
        description: RATING,
        body: ratingRequestSchema,
        response: {
          200: ratingRequestSchema,
          ...problemResponses(...BODY_PROBLEMS, ...VISITOR_PROBLEMS, 'conversation_open', 'engine_unavailable'),
        },
      },
    },
    async ({ visitor, body }) => ({ rating: await acceptRating(api, visitor, body.rating) }),
  );
};

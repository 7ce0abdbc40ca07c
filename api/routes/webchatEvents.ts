import { z } from 'zod';
import { telemetryRequestSchema } from '../../contracts/webchat.ts';
import { BODY_PROBLEMS, problemResponses } from './problemResponses.ts';
import type { RouteModule } from './routeModule.ts';
import { VISITOR_PROBLEMS } from './visitorProblems.ts';

/** What the widget saw: counted by name, and kept for as long as the tenant keeps telemetry. */
export const webchatEventsRoutes: RouteModule = async (app, { api }) => {
  app.post(
    '/v1/webchat/events',
    {
      config: { access: 'visitor', limit: 'ip.events' },
      schema: {
        tags: ['webchat'],
        body: telemetryRequestSchema,
        response: {
          202: z.object({ accepted: z.number().int() }),
          ...problemResponses(...BODY_PROBLEMS, ...VISITOR_PROBLEMS),
        },
      },
    },
    async (request, reply) => {
      const { events } = request.body;
      for (const event of events) {
        api.metrics.widgetEvents.inc({ name: event.name });
        api.sightings.saw(request.visitor.session, event);
      }
      return reply.code(202).send({ accepted: events.length });
    },
  );
};

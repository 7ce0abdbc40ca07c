import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { describeWebhooks } from '../webhooks/describeWebhooks.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The parts of a form (multipart/form-data) that the route reads by itself, as JSON Schema, for the document alone. */
    form?: object;
  }
}

/** OpenAPI 3.1 of every route at /docs/json, and a page to read it at /docs. Must come before the routes. */
export async function installDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        version: '1',
        description:
          'Errors are application/problem+json with a stable `code`. Live frames: WebSocket /v1/ws, first frame `{type: "auth", token}`.',
      },
      webhooks: describeWebhooks(),
      components: {
        securitySchemes: {
          conversationToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'parley_<prefix>_<secret>' },
          serviceToken: { type: 'http', scheme: 'bearer' },
          metricsToken: { type: 'http', scheme: 'bearer' },
          personSession: { type: 'apiKey', in: 'cookie', name: 'parley.session_token' },
        },
      },
    },
    transform(route) {
      const transformed = jsonSchemaTransform(route);
      const { form } = route.route.config ?? {};
      return form ? { ...transformed, schema: { ...transformed.schema, body: form } } : transformed;
    },
  });
  // The description of a public API holds no secret.
  await app.register(async (scope) => {
    scope.decorate('accessOfAll', 'public');
    await scope.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  });
}

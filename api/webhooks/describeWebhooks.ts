import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { z } from 'zod';
import { WEBHOOK_EVENTS } from '../../contracts/webhookEvent.ts';

type Document = Extract<NonNullable<FastifyDynamicSwaggerOptions['openapi']>, { webhooks?: object }>;
type Webhooks = NonNullable<Document['webhooks']>;

const header = (name: string, description: string) =>
  ({ name, in: 'header', required: true, description, schema: { type: 'string' } }) as const;

const PARAMETERS = [
  header('webhook-id', 'The same in every attempt for one event.'),
  header('webhook-timestamp', 'When it was sent, in seconds since 1970.'),
  header('webhook-signature', 'One or more of `v1,<base64 of HMAC-SHA256>`, with a space between.'),
];

/** The section `webhooks` of the OpenAPI document: what Parley sends to tenants' endpoints. */
export function describeWebhooks(): Webhooks {
  const described = Object.entries(WEBHOOK_EVENTS).map(([name, schema]) => [
    name,
    {
      post: {
        tags: ['webhooks'],
        summary: schema.description,
        parameters: PARAMETERS,
        requestBody: { required: true, content: { 'application/json': { schema: z.toJSONSchema(schema) } } },
        responses: {
          '2XX': { description: 'The receiver has it.' },
          '410': { description: 'The receiver is no more: the endpoint is disabled.' },
          default: { description: 'It is sent again, for three days.' },
        },
      },
    },
  ]);
  return Object.fromEntries(described) as Webhooks;
}

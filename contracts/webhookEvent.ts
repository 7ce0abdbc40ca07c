import { z } from 'zod';
import type { DomainEventName } from './conversation.ts';
import { ratingSchema } from './rating.ts';

const ids = { tenantId: z.uuid(), conversationId: z.uuid() };

/** There in an example that an administrator asked for, and only there. */
const example = { example: z.literal(true).optional() };

function eventSchema<Name extends DomainEventName, Shape extends z.ZodRawShape>(name: Name, shape: Shape) {
  return z.object({
    /** The `webhook-id` header, by which a repetition is known. */
    id: z.uuid(),
    type: z.literal(name),
    /** When it happened. */
    timestamp: z.iso.datetime(),
    data: z.object({ ...ids, ...shape, ...example }),
  });
}

/** What subscribers get: the body of each event, by its name. References and states; words only where they were asked for. */
export const WEBHOOK_EVENTS = {
  'conversation.started': eventSchema('conversation.started', {
    /** Null in the portal. */
    siteId: z.uuid().nullable(),
    channel: z.string(),
  }).describe('A visitor wrote for the first time.'),
  'message.added': eventSchema('message.added', {
    messageId: z.uuid(),
    direction: z.enum(['INBOUND', 'OUTBOUND']),
    author: z.enum(['visitor', 'bot', 'ai', 'agent', 'system']),
    /** With the endpoint's `includeText`, unless it was deleted meanwhile. */
    text: z.string().optional(),
  }).describe('Somebody said something.'),
  'conversation.claimed': eventSchema('conversation.claimed', { agentId: z.string() }).describe(
    'A person took the conversation.',
  ),
  'conversation.handed_over': eventSchema('conversation.handed_over', { reason: z.string() }).describe(
    'The conversation waits for a person.',
  ),
  'conversation.sla_breached': eventSchema('conversation.sla_breached', { deadline: z.string() }).describe(
    'A deadline passed before a person answered.',
  ),
  'conversation.closed': eventSchema('conversation.closed', { reason: z.string() }).describe(
    'The conversation was closed.',
  ),
  'conversation.rated': eventSchema('conversation.rated', { rating: ratingSchema }).describe(
    'The visitor rated the closed conversation, once for each closing.',
  ),
} as const;

/** What an endpoint may subscribe to. */
export const WEBHOOK_EVENT_NAMES = [
  'conversation.started',
  'message.added',
  'conversation.claimed',
  'conversation.handed_over',
  'conversation.sla_breached',
  'conversation.closed',
  'conversation.rated',
] as const satisfies (keyof typeof WEBHOOK_EVENTS)[];

export const webhookEventNameSchema = z.enum(WEBHOOK_EVENT_NAMES);
export type WebhookEventName = z.infer<typeof webhookEventNameSchema>;

import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { WEBHOOK_EVENTS, WebhookEventName } from '../../contracts/webhookEvent.ts';

type Data<Name extends WebhookEventName> = Omit<
  z.infer<(typeof WEBHOOK_EVENTS)[Name]>['data'],
  'tenantId' | 'conversationId' | 'example'
>;

const EXAMPLES: { [Name in WebhookEventName]: (includeText: boolean) => Data<Name> } = {
  'conversation.started': () => ({ siteId: randomUUID(), channel: 'web' }),
  'message.added': (includeText) => ({
    messageId: randomUUID(),
    direction: 'INBOUND',
    author: 'visitor',
    ...(includeText ? { text: 'Where is my parcel?' } : {}),
  }),
  'conversation.claimed': () => ({ agentId: 'telegram:4711' }),
  'conversation.handed_over': () => ({ reason: 'asked' }),
  'conversation.sla_breached': () => ({ deadline: 'firstResponseSla' }),
  'conversation.closed': () => ({ reason: 'agent' }),
  'conversation.rated': () => ({ rating: 5 }),
};

/** The body of an event as it would be, of a conversation that there is not. */
export function exampleEvent(
  name: WebhookEventName,
  { id, tenantId, includeText, at }: { id: string; tenantId: string; includeText: boolean; at: Date },
): object {
  const data = { tenantId, conversationId: randomUUID(), ...EXAMPLES[name](includeText), example: true };
  return { id, type: name, timestamp: at.toISOString(), data };
}

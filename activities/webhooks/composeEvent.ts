import type { DueEvent } from '../../db/queries/webhooks/beginRound.ts';
import { openMessage, type Words } from '../../db/words.ts';

/** The body of an event as WEBHOOK_EVENTS describes it. A message that was deleted meanwhile goes without its text. */
export async function composeEvent(
  words: Pick<Words, 'messages'>,
  tenantId: string,
  { eventId, conversationId, name, data, occurredAt, content }: DueEvent,
): Promise<string> {
  const said = content ? { text: (await openMessage(words, tenantId, content)).text } : {};
  return JSON.stringify({
    id: eventId,
    type: name,
    timestamp: occurredAt.toISOString(),
    data: { tenantId, conversationId, ...data, ...said },
  });
}

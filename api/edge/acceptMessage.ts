import { CodedError } from '../../contracts/errors.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import type { ApiContext } from '../context.ts';
import { spendMessage } from '../limits/spendMessage.ts';
import { conversationInput } from './conversationInput.ts';
import type { Visitor } from './visitor.ts';

/**
 * Hands a visitor's message to the engine; resolves once it cannot be lost any more, and only then may it be acknowledged.
 * Throws `message_empty`, `rate_limited` or what the engine throws.
 */
export async function acceptMessage(api: ApiContext, visitor: Visitor, message: MessageRequest): Promise<void> {
  if (message.text.trim() === '') throw new CodedError('message_empty', 'The message has no text.');
  const stopTimer = api.metrics.ackSeconds.startTimer();
  const { clientMessageId, text, choiceId } = message;
  const site = await api.directory.site(visitor.siteKey);
  spendMessage(api.limits, visitor.ref, site.tenant.settings.limits);
  await api.engine.acceptVisitorMessage(conversationInput(visitor.session, site), {
    clientMessageId,
    text,
    choiceId,
    receivedAt: Date.now(),
  });
  stopTimer();
}

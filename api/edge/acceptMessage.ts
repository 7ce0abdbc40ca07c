import { CodedError } from '../../contracts/errors.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import { areAttachable } from '../../db/queries/files/areAttachable.ts';
import type { ApiContext } from '../context.ts';
import { spendMessage } from '../limits/spendMessage.ts';
import { conversationInput } from './conversationInput.ts';
import type { Visitor } from './visitor.ts';

/**
 * Hands a visitor's message to the engine; resolves once it cannot be lost any more, and only then may it be acknowledged.
 * Throws `message_empty`, `file_unknown`, `rate_limited` or what the engine throws.
 */
export async function acceptMessage(api: ApiContext, visitor: Visitor, message: MessageRequest): Promise<void> {
  const { clientMessageId, text, choiceId, attachments, replyTo } = message;
  if (text.trim() === '' && !attachments) throw new CodedError('message_empty', 'The message has no text.');
  const stopTimer = api.metrics.ackSeconds.startTimer();
  const site = await api.directory.site(visitor.siteKey);
  spendMessage(api.limits, visitor.ref, site.tenant.settings.limits);
  if (attachments && !(await areAttachable(api.db, visitor.ref, attachments, clientMessageId))) {
    throw new CodedError('file_unknown', 'A file of the message is not known here, or another message has it.');
  }
  await api.engine.acceptVisitorMessage(conversationInput(visitor.session, site), {
    clientMessageId,
    text,
    choiceId,
    attachments,
    replyTo,
    receivedAt: Date.now(),
  });
  stopTimer();
}

import type { ConversationInput } from '../../contracts/conversation.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import type { Session } from '../../db/queries/getSession.ts';
import type { Site } from '../../db/queries/loadSite.ts';
import type { ApiContext } from '../context.ts';
import { spendMessage } from '../limits/spendMessage.ts';
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

/** What the conversation is opened with, if this is its first message. */
function conversationInput(session: Session, site: Site): ConversationInput {
  return {
    tenantId: session.tenantId,
    conversationId: session.conversationId,
    channel: 'web',
    visitor: {
      name: session.visitorName ?? undefined,
      externalSessionId: session.externalSessionId ?? undefined,
    },
    source: session.source,
    setup: { siteId: site.siteId, flow: site.flow, settings: site.settings },
  };
}

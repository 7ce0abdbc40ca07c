import type { ConversationInput } from '../../contracts/conversation.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { MessageRequest } from '../../contracts/webchat.ts';
import type { Agent } from '../../db/queries/agents/loadAgent.ts';
import type { PortalRow } from '../../db/queries/portal/portalRow.ts';
import type { ApiContext } from '../context.ts';
import { spendMessage } from '../limits/spendMessage.ts';
import { portalSetup } from './portalAgents.ts';

/**
 * Hands a person's message to the engine; resolves once it cannot be lost any more. Throws `message_empty`, `agent_disabled`,
 * `rate_limited` or what the engine throws.
 */
export async function acceptPortalMessage(
  api: ApiContext,
  row: Pick<PortalRow, 'id' | 'tenantId' | 'agent'>,
  { clientMessageId, text, choiceId, attachments, replyTo }: MessageRequest,
): Promise<void> {
  if (attachments) throw new CodedError('file_unknown', 'A portal takes no files.');
  if (text.trim() === '') throw new CodedError('message_empty', 'The message has no text.');
  const stopTimer = api.metrics.ackSeconds.startTimer();
  const agent = await api.portalAgents.get(row.tenantId, row.agent.id);
  if (!agent.enabled) throw new CodedError('agent_disabled', 'This agent is switched off.');
  const input = inputOf(row.id, agent);
  spendMessage(api.limits, input, agent.tenant.settings.limits);
  await api.engine.acceptVisitorMessage(input, { clientMessageId, text, choiceId, replyTo, receivedAt: Date.now() });
  stopTimer();
}

/** What the conversation is opened with, if this is its first message. Who the person is stays in our own tables. */
function inputOf(conversationId: string, agent: Agent): ConversationInput {
  return {
    tenantId: agent.tenantId,
    conversationId,
    channel: 'portal',
    visitor: {},
    source: {},
    setup: portalSetup(agent),
  };
}

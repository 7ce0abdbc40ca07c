import type { TenantSettings } from '../../contracts/tenantSettings.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Limits } from './createLimits.ts';

/** Counts a message for its conversation and its tenant, without waiting. Throws `rate_limited`. */
export function spendMessage(
  limits: Pick<Limits, 'spend'>,
  ref: ConversationRef,
  { messagesPerMinute }: Pick<TenantSettings['limits'], 'messagesPerMinute'>,
): void {
  limits.spend('conversation.message', keyOf(ref));
  limits.spend('tenant.message', ref.tenantId, { limit: messagesPerMinute });
}

/** The name of a conversation among what is counted. */
export function keyOf({ tenantId, conversationId }: ConversationRef): string {
  return `${tenantId}/${conversationId}`;
}

import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Limits } from './createLimits.ts';

/** Counts a message for its conversation and its tenant, without waiting. Throws `rate_limited`. */
export function spendMessage(limits: Pick<Limits, 'spend'>, ref: ConversationRef, tenantLimit?: number): void {
  limits.spend('conversation.message', keyOf(ref));
  limits.spend('tenant.message', ref.tenantId, { limit: tenantLimit });
}

/** The name of a conversation among what is counted. */
export function keyOf({ tenantId, conversationId }: ConversationRef): string {
  return `${tenantId}/${conversationId}`;
}

import type { TopicOutcome } from '../contracts/erasure.ts';
import type { ConversationRef } from '../contracts/workflowId.ts';

/** What erasure asks of the channel where agents answer. */
export interface TopicPort {
  /** Deletes the conversation's topic. `failed:<code>`: that can never be done. Rejects when it may be done later. */
  deleteTopic(ref: ConversationRef): Promise<TopicOutcome>;
}

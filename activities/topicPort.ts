/** What erasure asks of the channel where agents answer. */
export interface TopicPort {
  /** Deletes the conversation's topic, best effort; resolves when there is none. */
  deleteTopic(tenantId: string, conversationId: string): Promise<void>;
}

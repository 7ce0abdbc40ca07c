/** What erasure asks of the channel where agents answer. */
export interface TopicPort {
  /**
   * Deletes the conversation's topic; true when there is none any more, false when that can never be done. Rejects when it
   * may be done later.
   */
  deleteTopic(tenantId: string, conversationId: string): Promise<boolean>;
}

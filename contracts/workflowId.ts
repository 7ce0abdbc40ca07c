/** The tenant that a migration creates; v1 endpoints belong to it. */
export const DEFAULT_TENANT_ID = '00000000-0000-7000-8000-000000000001';

/** Task queue of conversation workflows and their quick activities. */
export const CONVERSATION_TASK_QUEUE = 'parley-conversations';

/** Task queue of AI answers: slow, streamed, scaled apart from conversations. */
export const AI_TASK_QUEUE = 'parley-ai';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const CONVERSATION_WORKFLOW_ID = new RegExp(`^conversation/(${UUID})/(${UUID})$`);

/** A conversation's two halves of identity; both are UUIDs in lower case. */
export interface ConversationRef {
  tenantId: string;
  conversationId: string;
}

/** The id of the workflow that is the conversation: `conversation/<tenantId>/<conversationId>`. */
export function conversationWorkflowId({ tenantId, conversationId }: ConversationRef): string {
  return `conversation/${tenantId}/${conversationId}`;
}

/** The inverse of {@link conversationWorkflowId}; undefined for any other workflow's id. */
export function parseConversationWorkflowId(workflowId: string): ConversationRef | undefined {
  const match = CONVERSATION_WORKFLOW_ID.exec(workflowId);
  return match?.[1] && match[2] ? { tenantId: match[1], conversationId: match[2] } : undefined;
}

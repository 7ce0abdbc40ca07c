import type { ConversationRef } from '../../contracts/workflowId.ts';

/** What Temporal keeps of conversations, as far as erasing them goes. A conversation that it does not know is no error. */
export interface ConversationRuns {
  /** Asks the conversation to end without another word. */
  requestEnd(ref: ConversationRef): Promise<void>;
  isOpen(ref: ConversationRef): Promise<boolean>;
  terminate(ref: ConversationRef): Promise<void>;
  /** Ids of its runs, newest first. */
  listRuns(ref: ConversationRef): Promise<string[]>;
  /** The server deletes in the background; see `isKept`. */
  deleteRun(ref: ConversationRef, runId: string): Promise<void>;
  isKept(ref: ConversationRef, runId: string): Promise<boolean>;
  /** At most `limit` conversations that came to their end before `before`. */
  listEnded(before: Date, limit: number): Promise<ConversationRef[]>;
}

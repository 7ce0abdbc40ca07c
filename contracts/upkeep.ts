import type { TopicOutcome } from './erasure.ts';
import type { ConversationRef } from './workflowId.ts';

/** Task queue of what is not a conversation's: erasures and sweeps. Slow, patient, and never in a visitor's way. */
export const UPKEEP_TASK_QUEUE = 'parley-upkeep';

/** An erasure's two halves of identity; both are UUIDs in lower case. */
export interface ErasureRef {
  tenantId: string;
  erasureId: string;
}

/** The id of the workflow that carries out an erasure. */
export function erasureWorkflowId({ tenantId, erasureId }: ErasureRef): string {
  return `erasure/${tenantId}/${erasureId}`;
}

/** One conversation within an erasure. */
export interface ErasureStep extends ErasureRef, ConversationRef {}

/**
 * The steps of an erasure, each idempotent. Arguments and results go into a history in clear: ids and counts, never what a
 * person wrote or is called.
 */
export interface ErasureActivities {
  /** Rejects, to be repeated, while the request is not committed; false when it never was. */
  beginErasure(ref: ErasureRef): Promise<{ conversations: number; erased: number } | null>;
  /** Conversations of the erasure that are still to be erased, at most `limit`. */
  listToErase(input: ErasureRef & { limit: number }): Promise<string[]>;
  /** Asks the conversation's workflow to end and waits a minute for it. False: it still runs. */
  endConversation(ref: ConversationRef): Promise<boolean>;
  terminateConversation(ref: ConversationRef): Promise<void>;
  deleteTopic(ref: ConversationRef): Promise<TopicOutcome>;
  /** Deletes every row and notes how many there were, and what became of the topic, in one transaction. */
  eraseRows(input: ErasureStep & { topic: TopicOutcome }): Promise<void>;
  /** Ids of every run of the conversation's workflow, newest first. */
  listRuns(ref: ConversationRef): Promise<string[]>;
  /** Resolves when the server has forgotten the runs and their histories. */
  deleteRuns(input: ConversationRef & { runIds: string[] }): Promise<void>;
  /** The conversation is erased, with so many runs. */
  noteErased(input: ErasureStep & { workflowRuns: number }): Promise<void>;
  /** Writes the receipt and the audit log's row. */
  finishErasure(input: ErasureRef & { state: 'done' | 'failed' }): Promise<void>;
}

/** How many rows a sweep took from a tenant, by what they were. */
export interface SweptTenant {
  telemetryEvents: number;
  addresses: number;
  silentSessions: number;
  webhookRecords: number;
  notices: number;
  /** Uploads that no message came to carry. */
  files: number;
}

/** The steps of the daily sweep, each idempotent. */
export interface RetentionActivities {
  /** Ids of tenants, in their order, behind `after`. */
  listTenants(input: { after: string | null; limit: number }): Promise<string[]>;
  sweepTenant(input: { tenantId: string }): Promise<SweptTenant>;
  /** Deletes the histories of conversations that ended some time ago: their retention is over. Returns how many; 0 is the end. */
  deleteEndedHistories(input: { limit: number }): Promise<number>;
}

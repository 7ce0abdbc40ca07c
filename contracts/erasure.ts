import { z } from 'zod';
import { storable } from './storable.ts';

/** As many as one request may delete: an hour of a Telegram group's budget for their topics. */
const MAX_BULK = 1_000;

const conversationId = z.uuid().toLowerCase();
const personId = storable(z.string().min(1).max(255));

/**
 * Who is meant, by any name under which Parley knows a person: one conversation, a user whom the site has proved, the site's
 * own name for a session, or a person of the portal.
 */
export const visitorSubjectSchema = z.union([
  z.strictObject({ conversationId }),
  z.strictObject({ verifiedUserId: personId }),
  z.strictObject({ externalSessionId: storable(z.string().min(8).max(128)) }),
  z.strictObject({ portalUserId: personId }),
]);
export type VisitorSubject = z.infer<typeof visitorSubjectSchema>;

/** POST /v1/admin/conversations/bulk-delete: named ones, or the oldest of those that were closed before a moment. */
export const bulkDeleteRequestSchema = z.union([
  z.strictObject({ ids: z.array(conversationId).min(1).max(MAX_BULK) }),
  z.strictObject({ closedBefore: z.iso.datetime(), limit: z.int().min(1).max(MAX_BULK).default(MAX_BULK) }),
]);
export type BulkDeleteRequest = z.infer<typeof bulkDeleteRequestSchema>;

/** What an erasure was asked for; names of people are not kept, only how they were looked for. */
export const erasureKindSchema = z.enum([
  'conversationId',
  'verifiedUserId',
  'externalSessionId',
  'portalUserId',
  'ids',
  'closedBefore',
]);
export type ErasureKind = z.infer<typeof erasureKindSchema>;

/** Whether there is a topic of the conversation any more; `failed:<code>` when it is still there. */
export type TopicOutcome = 'deleted' | 'none' | `failed:${string}`;

const count = z.int().nonnegative();

/** What was deleted, in numbers: rows by table, Temporal runs with their histories, topics by outcome. */
export const erasureReceiptSchema = z.object({
  conversations: count,
  rows: z.record(z.string(), count),
  workflowRuns: count,
  topics: z.record(z.string(), count),
});
export type ErasureReceipt = z.infer<typeof erasureReceiptSchema>;

const erasureStateSchema = z.enum(['requested', 'running', 'done', 'failed']);

/** An erasure as lists show it. */
export const erasureSummarySchema = z.object({
  id: z.uuid(),
  state: erasureStateSchema,
  kind: erasureKindSchema,
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  /** Of `conversations`, how many are erased. */
  progress: z.object({ conversations: count, erased: count }),
  /** There once it is done. */
  receipt: erasureReceiptSchema.nullable(),
});
export type ErasureSummary = z.infer<typeof erasureSummarySchema>;

/** What became of one conversation. The parts are null until they are done. */
const erasedConversationSchema = z.object({
  conversationId: z.uuid(),
  rows: z.record(z.string(), count).nullable(),
  workflowRuns: count.nullable(),
  topic: z.string().nullable(),
  erasedAt: z.iso.datetime().nullable(),
});

/** One erasure with every conversation in it. */
export const erasureDetailsSchema = erasureSummarySchema.extend({ items: z.array(erasedConversationSchema) });
export type ErasureDetails = z.infer<typeof erasureDetailsSchema>;

/** What the workflow of an erasure answers to the query `progress`. */
export interface ErasureProgress {
  conversations: number;
  erased: number;
  /** In words, for an operator. */
  doing: string;
}

import { z } from 'zod';
import { storable } from './storable.ts';

/**
 * pending → sending → sent; unknown: the answer never came, repeated once; parked: waits for a repair of the channel;
 * failed: refused for good, dropped or skipped.
 */
export const LEDGER_STATES = ['pending', 'sending', 'sent', 'unknown', 'parked', 'failed'] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

const MAX_NOTICE = 4_000;
const MAX_PAGE = 100;

/** Parley's own keys begin so; nobody else's may. */
const OWN_PREFIX = 'conv_';

/** A key by which a row is the same row, whoever puts it in and how often. */
export const ledgerKeySchema = z.string().regex(/^[\w.:-]{1,200}$/, 'must have 1 to 200 letters, digits, ., :, _ or -');

/** What of the ledger is listed, newest first. `olderThanSeconds` is the age of a row since it was put in. */
export const ledgerQuerySchema = z.object({
  state: z.enum(LEDGER_STATES).optional(),
  conversationId: z.uuid().toLowerCase().optional(),
  chatId: z
    .string()
    .regex(/^-?\d{1,20}$/)
    .optional(),
  botId: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  olderThanSeconds: z.coerce.number().int().min(0).max(1_000_000_000).optional(),
  /** What the page before gave as `nextCursor`. */
  cursor: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});
export type LedgerQuery = z.infer<typeof ledgerQuerySchema>;

/** A side effect in a topic. `payload` is its words: null where the caller may not read them, and for effects without any. */
export const ledgerRowSchema = z.object({
  key: z.string(),
  conversationId: z.uuid(),
  kind: z.string(),
  priority: z.number().int(),
  state: z.enum(LEDGER_STATES),
  attempts: z.number().int(),
  /** When a parked row is tried by itself; null for one that goes out as soon as the group's budget lets it. */
  nextAttemptAt: z.iso.datetime().nullable(),
  lastError: z.string().nullable(),
  repeated: z.boolean(),
  botId: z.string().nullable(),
  chatId: z.string().nullable(),
  threadId: z.number().int().nullable(),
  telegramMessageIds: z.array(z.number().int()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  payload: z.string().nullable(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export const ledgerPageSchema = z.object({ items: z.array(ledgerRowSchema), nextCursor: z.number().int().nullable() });

/** A notice for the agents of a conversation, put into the ledger from outside. */
export const enqueueSchema = z.strictObject({
  key: ledgerKeySchema
    .refine((key) => !key.startsWith(OWN_PREFIX), `must not begin with ${OWN_PREFIX}`)
    .meta({ not: { pattern: `^${OWN_PREFIX}` } }),
  conversationId: z.uuid().toLowerCase(),
  text: storable(z.string().trim().min(1).max(MAX_NOTICE)),
  /** Makes no sound. */
  silent: z.boolean().default(true),
});

/** What an operator does to the ledger of a conversation; its workflow carries it out. */
export type LedgerSignal =
  | { action: 'enqueue'; key: string; text: string; silent: boolean }
  | { action: LedgerChange['action']; key: string };

/** `retry`: the row goes out again. `skip`: it never does. */
export interface LedgerChange {
  action: 'retry' | 'skip';
  key: string;
}

/** The states in which a row can be changed so. */
export const CHANGEABLE: Record<LedgerChange['action'], readonly LedgerState[]> = {
  retry: ['failed', 'unknown', 'parked'],
  skip: ['pending', 'unknown', 'parked'],
};

import { z } from 'zod';
import { storable } from './storable.ts';
import { webhookEventNameSchema } from './webhookEvent.ts';

const MAX_URL = 2_048;
const MAX_OVERLAP_HOURS = 7 * 24;

/** Where events go. An address of the installation's own network is refused by whoever sends, and by the admin API where it can be seen. */
const urlSchema = z
  .url({ protocol: /^https?$/, abort: true })
  .max(MAX_URL)
  // What comes next is about the normal form; its length is not, which may be a little more.
  .overwrite((value) => new URL(value).href)
  .refine((value) => !/^https?:\/\/[^/]*@|#/.test(value), 'must not have credentials or a fragment');

const fields = {
  url: urlSchema,
  description: storable(z.string().max(255)),
  /** Which events it gets. */
  events: z
    .array(webhookEventNameSchema)
    .min(1)
    .max(webhookEventNameSchema.options.length)
    .refine((events) => new Set(events).size === events.length, 'must not name an event twice')
    .meta({ uniqueItems: true }),
  /** Whether `message.added` carries what was said. */
  includeText: z.boolean(),
};

export const webhookInputSchema = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  includeText: fields.includeText.default(false),
});
export type WebhookInput = z.infer<typeof webhookInputSchema>;

/** A disabled endpoint gets nothing; what happens meanwhile counts as failed and can be resent. */
const webhookStatusSchema = z.enum(['active', 'disabled']);
export type WebhookStatus = z.infer<typeof webhookStatusSchema>;

/** A change: each field that is there replaces what is stored. */
export const webhookPatchSchema = z.strictObject({ ...fields, status: webhookStatusSchema }).partial();
export type WebhookPatch = z.infer<typeof webhookPatchSchema>;

/** Why Parley switched an endpoint off: nothing but failures for days, or it answered 410. */
export const DISABLED_REASONS = ['failing', 'gone'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** An endpoint as the admin API shows it. */
export const webhookViewSchema = z.object({
  id: z.uuid(),
  url: z.string(),
  description: z.string(),
  events: z.array(webhookEventNameSchema),
  includeText: z.boolean(),
  status: webhookStatusSchema,
  /** Null for one that is active, or that an administrator disabled. */
  disabledReason: z.enum(DISABLED_REASONS).nullable(),
  /** Since when every attempt has failed. */
  failingSince: z.iso.datetime().nullable(),
  /** Until when what is sent bears a signature by the secret before as well. */
  previousSecretUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WebhookView = z.infer<typeof webhookViewSchema>;

/** The secret is shown this once. */
export const webhookWithSecretSchema = webhookViewSchema.extend({ secret: z.string() });

export const rotateSecretSchema = z.strictObject({
  /** For how long the secret before signs as well. */
  overlapHours: z.int().min(0).max(MAX_OVERLAP_HOURS).default(24),
});

/** What became of one attempt; the receiver's own words are never kept. */
export const WEBHOOK_ERRORS = [
  'address_refused',
  'dns_failed',
  'connection_failed',
  'tls_failed',
  'timeout',
  'redirected',
  'refused',
  'throttled',
  'gone',
  'server_error',
] as const;
export type WebhookError = (typeof WEBHOOK_ERRORS)[number];

/** One attempt, newest first in lists. */
export const webhookAttemptSchema = z.object({
  id: z.uuid(),
  /** The `webhook-id` header: the same in every attempt for one event. */
  eventId: z.uuid(),
  event: webhookEventNameSchema,
  /** Null for an example. */
  conversationId: z.uuid().nullable(),
  /** The answer's HTTP status; null when there was none. */
  status: z.int().nullable(),
  durationMs: z.int().nonnegative(),
  /** Null for an attempt that arrived. */
  error: z.enum(WEBHOOK_ERRORS).nullable(),
  /** Of an error in JSON its `code`, `error` or `type`, where that is a word for machines. */
  answer: z.string().nullable(),
  attemptedAt: z.iso.datetime(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

/** All that this endpoint did not get since a moment, or one event that it got or should have got. */
export const resendRequestSchema = z.union([
  z.strictObject({ failedSince: z.iso.datetime() }),
  z.strictObject({ eventId: z.uuid().toLowerCase() }),
]);
export type ResendRequest = z.infer<typeof resendRequestSchema>;

export const testRequestSchema = z.strictObject({ event: webhookEventNameSchema.default('message.added') });

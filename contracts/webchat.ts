import { z } from 'zod';
import { attachmentIdsSchema } from './file.ts';
import { MAX_MESSAGE_LENGTH, messageSchema, NOT_BLANK } from './message.ts';
import { proofOfWorkSchema, proofSchema } from './proofOfWork.ts';
import { closingSchema } from './rating.ts';
import { MAX_LOCALE, siteLookSchema } from './site.ts';
import { label, storable } from './storable.ts';

/** Where the visitor came from; kept with the conversation (mission C5). */
export const visitSourceSchema = z.object({
  url: storable(z.string().max(2_048)).optional(),
  referrer: storable(z.string().max(2_048)).optional(),
  locale: storable(z.string().max(MAX_LOCALE)).optional(),
  utm: z.record(storable(z.string().max(32)), storable(z.string().max(200))).optional(),
  origin: storable(z.string().max(255)).optional(),
});
export type VisitSource = z.infer<typeof visitSourceSchema>;

export const siteKeySchema = storable(z.string().min(3).max(64));

/** GET /v1/webchat/config?siteKey= */
export const configResponseSchema = z.object({
  siteKey: siteKeySchema,
  look: siteLookSchema,
  /** Signed, bound to site and origin, short-lived; `init` and `token` consume it. */
  challenge: z.string(),
  challengeExpiresAt: z.iso.datetime(),
  proofOfWork: proofOfWorkSchema,
  limits: z.object({ messageLength: z.number().int(), frameBytes: z.number().int(), fileBytes: z.number().int() }),
});
export type ConfigResponse = z.infer<typeof configResponseSchema>;

const MAX_TRAITS = 32;

/** What a site says of its visitor: plan, shop, language … Flat, so that people can read it beside the conversation. */
export const visitorTraitsSchema = z
  .record(
    storable(z.string().min(1).max(64)),
    z.union([storable(z.string().max(500)), z.number(), z.boolean(), z.null()]),
  )
  .refine((traits) => Object.keys(traits).length <= MAX_TRAITS, `may have ${MAX_TRAITS} entries`)
  .meta({ maxProperties: MAX_TRAITS });
export type VisitorTraits = z.infer<typeof visitorTraitsSchema>;

/** A token by which the site proves who its visitor is: signed with the site's shared secret or its published keys. */
const identitySchema = z.string().min(1).max(4_096);

/**
 * POST /v1/webchat/init: a new conversation, or the known one: the verified user's by `identity`, else by `conversationId` or
 * `externalSessionId`. Whoever knows one of these two may read an unverified visitor's conversation, so both must be unguessable.
 */
export const initRequestSchema = z.object({
  siteKey: siteKeySchema,
  challenge: z.string().max(4_096),
  conversationId: z.uuid().optional(),
  externalSessionId: storable(z.string().min(8).max(128)).optional(),
  visitorName: label(80).optional(),
  source: visitSourceSchema.optional(),
  /** For a site under attack: see {@link proofOfWorkSchema}. */
  proofOfWork: proofSchema.optional(),
  identity: identitySchema.optional(),
  /** Kept as unverified: what can be trusted comes inside of `identity`. */
  traits: visitorTraitsSchema.optional(),
});
export type InitRequest = z.infer<typeof initRequestSchema>;

/** `token` authorises one conversation until `expiresAt`; it is asked for anew before each connect. */
export const tokenResponseSchema = z.object({
  conversationId: z.uuid(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
});
export type TokenResponse = z.infer<typeof tokenResponseSchema>;

/**
 * POST /v1/webchat/token. The conversation of a verified user takes more than its id: `identity`, or its last token, while that
 * is valid, as Authorization: Bearer.
 */
export const tokenRequestSchema = z.object({
  siteKey: siteKeySchema,
  challenge: z.string().max(4_096),
  conversationId: z.uuid(),
  identity: identitySchema.optional(),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** POST /v1/webchat/message, Bearer token: the socket's `message` for clients without one. Answered 202 once durable. */
export const messageRequestSchema = z
  .object({
    clientMessageId: z.uuid(),
    text: z.string().max(MAX_MESSAGE_LENGTH),
    choiceId: z.string().max(64).optional(),
    attachments: attachmentIdsSchema.optional(),
    /** Id of the message that this one answers. One that is not there (any more) is left out. */
    replyTo: z.uuid().toLowerCase().optional(),
  })
  // For the document: words, or files without any.
  .meta({ anyOf: [{ properties: { text: { pattern: NOT_BLANK } } }, { required: ['attachments'] }] });
export type MessageRequest = z.infer<typeof messageRequestSchema>;

export const messageAcceptedSchema = z.object({ clientMessageId: z.uuid(), status: z.literal('sent') });

/** GET /v1/conversations/:id/messages?since=&limit= : messages with `seq` > since, ascending. */
export const messagesPageSchema = z.object({
  messages: z.array(messageSchema),
  lastSeq: z.number().int().nonnegative(),
  hasMore: z.boolean(),
  /** Null for an open conversation. */
  closed: closingSchema.nullable(),
});
export type MessagesPage = z.infer<typeof messagesPageSchema>;

/** POST /v1/webchat/events, Bearer token: what the widget saw; never message text. */
export const telemetryRequestSchema = z.object({
  events: z
    .array(
      z.object({
        name: z.enum(['opened', 'closed', 'reconnected', 'queue_full', 'send_failed', 'choice_pressed']),
        at: z.iso.datetime(),
      }),
    )
    .min(1)
    .max(50),
});

/** application/problem+json (RFC 9457) with our stable `code`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  retryAfter: z.number().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

import { z } from 'zod';
import { attachmentIdsSchema } from './file.ts';
import { MAX_MESSAGE_LENGTH, MAX_SEQ, messageSchema, receiptStatusSchema, textEntitySchema } from './message.ts';
import { closingSchema, ratingSchema } from './rating.ts';

/** Frames from a client. The first one must be `auth`, within {@link AUTH_DEADLINE_MS}. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('auth'),
    token: z.string().min(1).max(4_096),
    /** Highest `seq` that the client has; everything after it is sent again before `ready`'s live stream. */
    since: z.number().int().nonnegative().max(MAX_SEQ).optional(),
  }),
  z.object({
    type: z.literal('message'),
    clientMessageId: z.uuid(),
    text: z.string().max(MAX_MESSAGE_LENGTH),
    choiceId: z.string().max(64).optional(),
    attachments: attachmentIdsSchema.optional(),
    /** Id of the message that this one answers. One that is not there (any more) is left out. */
    replyTo: z.uuid().toLowerCase().optional(),
  }),
  /** The message and all before it were shown, or read. Of agents' messages only: nobody waits for the others. */
  z.object({ type: z.literal('receipt'), messageId: z.uuid(), status: receiptStatusSchema }),
  /** How the closed conversation was. Answered with `rated`, or with an error that names this frame. */
  z.object({ type: z.literal('rate'), rating: ratingSchema }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** How long a socket may stay silent before `auth_timeout` closes it: with the goodbye it is gone within 10 s. */
export const AUTH_DEADLINE_MS = 5_000;

export const serverFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    conversationId: z.uuid(),
    lastSeq: z.number().int().nonnegative(),
    /** Null for an open conversation; left out where nothing was looked up, as after another `auth`. */
    closed: closingSchema.nullable().optional(),
  }),
  z.object({ type: z.literal('ack'), clientMessageId: z.uuid() }),
  messageSchema.extend({ type: z.literal('message') }),
  /** Its author changed a message that was sent before. */
  z.object({
    type: z.literal('message_edited'),
    id: z.uuid(),
    seq: z.number().int().positive(),
    text: z.string(),
    entities: z.array(textEntitySchema).optional(),
    editedAt: z.iso.datetime(),
  }),
  /** A piece of an answer while it streams: `text` starts at character `offset` of the draft. `draftId` becomes the message's id. */
  z.object({
    type: z.literal('message_delta'),
    draftId: z.uuid(),
    offset: z.number().int().nonnegative(),
    text: z.string(),
  }),
  z.object({ type: z.literal('message_discard'), draftId: z.uuid() }),
  z.object({ type: z.literal('typing'), active: z.boolean(), author: z.enum(['bot', 'ai', 'agent']).optional() }),
  z.object({ type: z.literal('presence'), agents: z.number().int().nonnegative() }),
  z.object({
    type: z.literal('receipt'),
    upToSeq: z.number().int().nonnegative(),
    status: receiptStatusSchema,
  }),
  z.object({ type: z.literal('agent_joined'), agent: z.string().optional() }),
  z.object({ type: z.literal('info_note'), key: z.string().optional(), text: z.string() }),
  z.object({ type: z.literal('conversation_closed') }),
  /** The rating that counts for this closing, to every client of the conversation. */
  z.object({ type: z.literal('rated'), rating: ratingSchema }),
  /** Everything up to `upToSeq` was deleted; what is said next has a higher `seq`. */
  z.object({ type: z.literal('conversation_reset'), upToSeq: z.number().int().nonnegative() }),
  z.object({ type: z.literal('pong') }),
  z.object({
    type: z.literal('error'),
    code: z.string(),
    message: z.string(),
    /** Seconds. */
    retryAfter: z.number().optional(),
    clientMessageId: z.string().optional(),
    /** The frame that was refused, where that is no message. */
    frame: z.literal('rate').optional(),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** WebSocket close codes that we use beside the standard ones (private range of RFC 6455, 4000-4999). */
export const CLOSE_CODES = {
  auth_required: 4401,
  token_invalid: 4401,
  token_expired: 4401,
  session_revoked: 4401,
  forbidden: 4403,
  tenant_suspended: 4403,
  conversation_not_found: 4404,
  auth_timeout: 4408,
  rate_limited: 4429,
  payload_too_large: 1009,
  shutting_down: 1012,
} as const;

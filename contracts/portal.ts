import { z } from 'zod';
import { agentSlugSchema } from './aiAgent.ts';
import { MAX_SEQ, messageSchema, NOT_BLANK } from './message.ts';
import { pageQuerySchema } from './page.ts';
import { messageRequestSchema, tokenResponseSchema } from './webchat.ts';

const MAX_MESSAGES = 200;

const tenantId = z.uuid().toLowerCase().optional();

/** POST /api/portal/chat/conversations. Without `tenantId` the tenant is the only one that the person is a member of. */
export const portalOpenRequestSchema = z.object({
  tenantId,
  /** The agent's slug or id. */
  agent: z.union([z.uuid().toLowerCase(), agentSlugSchema]),
});

/** GET /api/portal/chat/conversations */
export const portalListQuerySchema = pageQuerySchema.extend({ tenantId });

/** A person's one conversation with an agent. */
export const portalConversationSchema = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  /** Whose it is. */
  userId: z.string(),
  agent: z.object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    /** Shown while nothing was said; the first message puts it into the transcript. */
    greeting: z.string().nullable(),
    enabled: z.boolean(),
  }),
  status: z.enum(['new', 'waiting', 'active', 'closed']),
  lastSeq: z.number().int().nonnegative(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type PortalConversation = z.infer<typeof portalConversationSchema>;

/** POST …/:id/messages: as a visitor writes, but for files, which a portal does not take. */
export const portalMessageSchema = messageRequestSchema.extend({
  text: messageRequestSchema.shape.text.meta({ pattern: NOT_BLANK }),
  attachments: z.never().optional(),
});

const seq = z.coerce.number().int().nonnegative().max(MAX_SEQ);

/** GET …/:id/messages: the newest, or those before a `seq`, or those after one; always ascending. */
export const portalHistoryQuerySchema = z
  .object({
    cursor: seq.optional(),
    before: seq.optional(),
    limit: z.coerce.number().int().min(1).max(MAX_MESSAGES).default(50),
  })
  .refine(({ cursor, before }) => cursor === undefined || before === undefined, 'cursor and before exclude each other');
export type PortalHistoryQuery = z.infer<typeof portalHistoryQuerySchema>;

export const portalHistorySchema = z.object({
  messages: z.array(messageSchema),
  /** Of the whole conversation. */
  lastSeq: z.number().int().nonnegative(),
  /** For `before`: what came earlier than this page. Null where nothing did. */
  before: z.number().int().nullable(),
  /** For `cursor`: what comes after this page. */
  cursor: z.number().int().nonnegative(),
  /** Whether something after this page is there already. */
  hasMore: z.boolean(),
});
export type PortalHistory = z.infer<typeof portalHistorySchema>;

/** POST …/:id/token: for the first frame of WS /chat/ws/:id, where no cookie can be sent. Opens one socket. */
export const portalTokenResponseSchema = tokenResponseSchema;

import { z } from 'zod';
import { attachmentSchema } from './file.ts';

/** Longest text of one message, in Unicode code points as JSON Schema counts them; longer is refused with `message_too_long`. */
export const MAX_MESSAGE_LENGTH = 8_000;

/** What the OpenAPI document says of a text in which something has to be said. */
export const NOT_BLANK = '\\S';

/** Largest frame or JSON body accepted from a visitor, in bytes. */
export const MAX_FRAME_BYTES = 64 * 1024;

export const authorKindSchema = z.enum(['visitor', 'bot', 'ai', 'agent', 'system']);
export type AuthorKind = z.infer<typeof authorKindSchema>;

export const authorSchema = z.object({ kind: authorKindSchema, name: z.string().optional() });
export type Author = z.infer<typeof authorSchema>;

/** The highest `seq` that there can be: an integer of Postgres. */
export const MAX_SEQ = 2_147_483_647;

/** A quick reply under a message; pressing it sends `label` as text with `choiceId` = `id`. */
export const choiceSchema = z.object({ id: z.string().min(1).max(64), label: z.string().min(1).max(200) });
export type Choice = z.infer<typeof choiceSchema>;

/** Where an answer of the knowledge base comes from. */
export const sourceSchema = z.object({ title: z.string(), url: z.string().optional() });
export type AnswerSource = z.infer<typeof sourceSchema>;

/**
 * Formatting of a part of a text. `offset` and `length` count UTF-16 code units, as JavaScript and Telegram do. Entities may
 * stand within each other; `quote` and `pre` are blocks.
 */
export const textEntitySchema = z.object({
  type: z.enum(['bold', 'italic', 'underline', 'strikethrough', 'code', 'pre', 'quote', 'link']),
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive(),
  /** Of a link, http or https. */
  url: z.string().optional(),
});
export type TextEntity = z.infer<typeof textEntitySchema>;

/** What a message answers. `quote` is the part that was picked out of it, if one was. */
export const replyToSchema = z.object({ messageId: z.uuid(), quote: z.string().optional() });
export type ReplyTo = z.infer<typeof replyToSchema>;

/** `delivered`: it is on the reader's screen, or would be if that were open; `read`: it was in sight. */
export const receiptStatusSchema = z.enum(['delivered', 'read']);
export type ReceiptStatus = z.infer<typeof receiptStatusSchema>;

/** INBOUND is from the visitor, OUTBOUND to the visitor. */
export const directionSchema = z.enum(['INBOUND', 'OUTBOUND']);
export type Direction = z.infer<typeof directionSchema>;

/** A message as every client sees it. `seq` counts from 1 within the conversation, without holes. `createdAt` is ISO 8601. */
export const messageSchema = z.object({
  id: z.uuid(),
  seq: z.number().int().positive(),
  clientMessageId: z.uuid().optional(),
  direction: directionSchema,
  author: authorSchema,
  text: z.string(),
  /** With it the text is to be taken literally; without, what is said to the visitor is the widget's Markdown. */
  entities: z.array(textEntitySchema).optional(),
  replyTo: replyToSchema.optional(),
  /** When the text was last changed by its author. */
  editedAt: z.iso.datetime().optional(),
  choices: z.array(choiceSchema).optional(),
  sources: z.array(sourceSchema).optional(),
  attachments: z.array(attachmentSchema).optional(),
  createdAt: z.iso.datetime(),
  /** The answering person's name, at the top for v1 widgets, which read only `{direction, text, agent?}`. */
  agent: z.string().optional(),
});
export type Message = z.infer<typeof messageSchema>;

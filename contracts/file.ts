import { z } from 'zod';
import { MAX_ATTACHMENTS } from './fileLimits.ts';

/** A file of a message, as every client sees it. `type` was read from its bytes, `size` is in bytes. Its address is asked for. */
export const attachmentSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  size: z.number().int().nonnegative(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** Ids of files that were uploaded before, in the order in which they are shown. */
export const attachmentIdsSchema = z
  .array(z.uuid().toLowerCase())
  .min(1)
  .max(MAX_ATTACHMENTS)
  .refine((ids) => new Set(ids).size === ids.length, 'must name each file once');

/** GET /v1/webchat/files/:id/link: `url` is relative to the API, needs no token beside it, and is good until `expiresAt`. */
export const fileLinkSchema = z.object({ url: z.string(), expiresAt: z.iso.datetime() });
export type FileLink = z.infer<typeof fileLinkSchema>;

/** One file of one conversation; ids are unique within it alone. */
export interface FileRef {
  tenantId: string;
  conversationId: string;
  id: string;
}

/** Why a person's file could not be taken: for the workflow, which tells that person. */
export type FileRefusal = 'too_large' | 'type_refused' | 'quota' | 'gone' | 'unavailable';

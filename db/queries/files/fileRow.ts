import { files } from '../../schema/files.ts';

/** What is known of a file beside its bytes; `name` and `source` are sealed. */
export type FileRow = Omit<typeof files.$inferSelect, 'tenantId' | 'conversationId' | 'createdAt'>;

export const fileColumns = {
  id: files.id,
  messageId: files.messageId,
  name: files.name,
  source: files.source,
  size: files.size,
  type: files.type,
  sha256: files.sha256,
  storedAt: files.storedAt,
};

import type { Message } from '../../contracts/message.ts';
import type { messages } from '../schema/messages.ts';
import { openMessage, type Words } from '../words.ts';

/** A stored message as clients see it. */
export async function toMessage(words: Pick<Words, 'messages'>, row: typeof messages.$inferSelect): Promise<Message> {
  const { choices, sources, replyTo, attachments, ...first } = await openMessage(words, row.tenantId, row.content);
  const { text, entities } = row.edited ? await openMessage(words, row.tenantId, row.edited) : first;
  return {
    id: row.id,
    seq: row.seq,
    clientMessageId: row.clientMessageId ?? undefined,
    direction: row.direction,
    author: { kind: row.authorKind, name: row.authorName ?? undefined },
    text,
    entities,
    replyTo,
    editedAt: row.editedAt?.toISOString(),
    choices,
    sources,
    attachments,
    createdAt: row.createdAt.toISOString(),
    agent: row.authorKind === 'agent' ? (row.authorName ?? undefined) : undefined,
  };
}

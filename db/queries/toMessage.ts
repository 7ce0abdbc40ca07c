import type { Message } from '../../contracts/message.ts';
import type { messages } from '../schema/messages.ts';
import { openMessage, type Words } from '../words.ts';

/** A stored message as clients see it. */
export async function toMessage(words: Pick<Words, 'messages'>, row: typeof messages.$inferSelect): Promise<Message> {
  const { text, choices, sources, attachments } = await openMessage(words, row.tenantId, row.content);
  return {
    id: row.id,
    seq: row.seq,
    clientMessageId: row.clientMessageId ?? undefined,
    direction: row.direction,
    author: { kind: row.authorKind, name: row.authorName ?? undefined },
    text,
    choices,
    sources,
    attachments,
    createdAt: row.createdAt.toISOString(),
    agent: row.authorKind === 'agent' ? (row.authorName ?? undefined) : undefined,
  };
}

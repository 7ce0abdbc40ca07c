import type { Message } from '../../contracts/message.ts';
import type { messages } from '../schema/messages.ts';

/** A stored message as clients see it. */
export function toMessage(row: typeof messages.$inferSelect): Message {
  return {
    id: row.id,
    seq: row.seq,
    clientMessageId: row.clientMessageId ?? undefined,
    direction: row.direction,
    author: { kind: row.authorKind, name: row.authorName ?? undefined },
    text: row.text,
    choices: row.choices ?? undefined,
    sources: row.sources ?? undefined,
    createdAt: row.createdAt.toISOString(),
    agent: row.authorKind === 'agent' ? (row.authorName ?? undefined) : undefined,
  };
}

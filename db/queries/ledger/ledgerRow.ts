import { and, eq } from 'drizzle-orm';
import type { LedgerRow } from '../../../contracts/ledger.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { openMessage, type Words } from '../../words.ts';

/** What is read of a row; the words only where they are wanted. */
export const ledgerColumns = {
  key: outbox.key,
  conversationId: outbox.conversationId,
  ordinal: outbox.ordinal,
  kind: outbox.kind,
  priority: outbox.priority,
  state: outbox.state,
  attempts: outbox.attempts,
  nextAttemptAt: outbox.nextAttemptAt,
  lastError: outbox.lastError,
  repeated: outbox.repeated,
  botId: outbox.botId,
  chatId: outbox.chatId,
  threadId: outbox.threadId,
  telegramMessageIds: outbox.telegramMessageIds,
  createdAt: outbox.createdAt,
  updatedAt: outbox.updatedAt,
  words: outbox.text,
  content: messages.content,
};

export const carriedMessage = and(
  eq(messages.tenantId, outbox.tenantId),
  eq(messages.conversationId, outbox.conversationId),
  eq(messages.id, outbox.messageId),
);

type Stored = Pick<typeof outbox.$inferSelect, Exclude<keyof typeof ledgerColumns, 'words' | 'content'>> & {
  words: Buffer | null;
  content: Buffer | null;
};

/** A row as operators see it. Without `words` its payload stays closed. */
export async function toLedgerRow(tenantId: string, row: Stored, words: Words | undefined): Promise<LedgerRow> {
  const {
    ordinal: _ordinal,
    words: effect,
    content,
    nextAttemptAt,
    createdAt,
    updatedAt,
    telegramMessageIds,
    ...rest
  } = row;
  return {
    ...rest,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    telegramMessageIds: telegramMessageIds ?? [],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    payload: words ? await payloadOf(tenantId, { effect, content }, words) : null,
  };
}

async function payloadOf(
  tenantId: string,
  { effect, content }: { effect: Buffer | null; content: Buffer | null },
  words: Words,
): Promise<string | null> {
  if (effect) return words.effects.open(tenantId, effect);
  return content && (await openMessage(words, tenantId, content)).text;
}

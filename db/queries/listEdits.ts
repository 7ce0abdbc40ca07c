import { and, desc, eq, isNotNull, lte } from 'drizzle-orm';
import type { Message } from '../../contracts/message.ts';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import type { Db } from '../createDb.ts';
import { messages } from '../schema/messages.ts';
import { withTenant } from '../withTenant.ts';
import type { Words } from '../words.ts';
import { toMessage } from './toMessage.ts';

/** The conversation's messages up to `upToSeq` that their authors changed, at most `limit`: the newest edits, oldest first. */
export async function listEdits(
  { db, words }: { db: Db; words: Words },
  { tenantId, conversationId }: ConversationRef,
  { upToSeq, limit }: { upToSeq: number; limit: number },
): Promise<Message[]> {
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select()
      .from(messages)
      .where(
        and(
          eq(messages.tenantId, tenantId),
          eq(messages.conversationId, conversationId),
          lte(messages.seq, upToSeq),
          isNotNull(messages.editedAt),
        ),
      )
      .orderBy(desc(messages.editedAt))
      .limit(limit),
  );
  return Promise.all(rows.reverse().map((row) => toMessage(words, row)));
}

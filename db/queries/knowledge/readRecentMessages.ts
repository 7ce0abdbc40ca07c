import { and, desc, eq, lte, sql } from 'drizzle-orm';
import type { AuthorKind } from '../../../contracts/message.ts';
import { messages } from '../../schema/messages.ts';
import type { TenantTx } from '../../withTenant.ts';
import { openMessage, type Words } from '../../words.ts';

export interface RecentMessage {
  authorKind: AuthorKind;
  text: string;
}

/** The last `limit` messages of the conversation up to and with `upToSeq`, oldest first. */
export async function readRecentMessages(
  tx: TenantTx,
  words: Words,
  { conversationId, upToSeq, limit }: { conversationId: string; upToSeq: number; limit: number },
): Promise<RecentMessage[]> {
  const latestFirst = await tx
    .select({
      tenantId: messages.tenantId,
      authorKind: messages.authorKind,
      content: sql<Buffer>`coalesce(${messages.edited}, ${messages.content})`,
    })
    .from(messages)
    .where(and(eq(messages.conversationId, conversationId), lte(messages.seq, upToSeq)))
    .orderBy(desc(messages.seq))
    .limit(limit);
  return Promise.all(
    latestFirst.reverse().map(async ({ tenantId, authorKind, content }) => {
      const { text } = await openMessage(words, tenantId, content);
      return { authorKind, text };
    }),
  );
}

import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { LedgerQuery, LedgerRow } from '../../../contracts/ledger.ts';
import type { Db } from '../../createDb.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { withTenant } from '../../withTenant.ts';
import type { Words } from '../../words.ts';
import { carriedMessage, ledgerColumns, toLedgerRow } from './ledgerRow.ts';

export interface LedgerPage {
  items: LedgerRow[];
  nextCursor: number | null;
}

/** A page of the tenant's ledger, newest first. With `words` it says what the rows carry. */
export async function listLedger(
  { db, words }: { db: Db; words?: Words },
  tenantId: string,
  { state, conversationId, chatId, botId, olderThanSeconds, cursor, limit }: LedgerQuery,
): Promise<LedgerPage> {
  const given = <T>(value: T | undefined, condition: (value: T) => ReturnType<typeof eq>) =>
    value === undefined ? undefined : condition(value);
  const rows = await withTenant(db, tenantId, (tx) =>
    tx
      .select(ledgerColumns)
      .from(outbox)
      .leftJoin(messages, carriedMessage)
      .where(
        and(
          eq(outbox.tenantId, tenantId),
          given(state, (value) => eq(outbox.state, value)),
          given(conversationId, (value) => eq(outbox.conversationId, value)),
          given(chatId, (value) => eq(outbox.chatId, value)),
          given(botId, (value) => eq(outbox.botId, value)),
          given(olderThanSeconds, (value) => lt(outbox.createdAt, sql`now() - ${value} * interval '1 second'`)),
          given(cursor, (value) => lt(outbox.ordinal, value)),
        ),
      )
      .orderBy(desc(outbox.ordinal))
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit);
  return {
    items: await Promise.all(page.map((row) => toLedgerRow(tenantId, row, words))),
    nextCursor: rows.length > limit ? (page.at(-1)?.ordinal ?? null) : null,
  };
}

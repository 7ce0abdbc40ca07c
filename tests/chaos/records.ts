import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { createDb } from '../../db/createDb.ts';
import { conversations } from '../../db/schema/conversations.ts';
import { messages } from '../../db/schema/messages.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { telegramTopics } from '../../db/schema/telegramTopics.ts';
import { withTenant } from '../../db/withTenant.ts';
import { openMessage } from '../../db/words.ts';
import { openKeys } from '../../runtime/openKeys.ts';

export interface RecordedMessage {
  seq: number;
  clientMessageId: string | null;
  text: string;
}

/** The rows of the delivery ledger, by how they ended. */
export interface LedgerCounts {
  rows: number;
  sent: number;
  /** Repeated once with the mark, and still nobody knows. */
  unknown: number;
  /** Neither, nor a reaction that got old: they wait, are being sent, or were refused, which nothing in a run asks for. */
  stuck: number;
  /** What the stuck ones are, such as `card pending telegram_unreachable`. */
  stuckAs: string[];
}

/** What Postgres holds of the run's conversations. */
export interface Records {
  /** Topic of a conversation in the group. */
  threadOf(conversationId: string): Promise<number | undefined>;
  /** Ascending by `seq`. */
  messagesOf(conversationId: string): Promise<RecordedMessage[]>;
  lastSeqs(): Promise<Map<string, number>>;
  ledger(): Promise<LedgerCounts>;
  /** Questions that the AI still owes an answer: a conversation that was handed over owes none. */
  owedAnswers(conversationIds: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export function openRecords({ databaseUrl, masterKey }: { databaseUrl: string; masterKey: string }): Records {
  const db = createDb(databaseUrl, { poolSize: 2 });
  const { words } = openKeys({ MASTER_KEY: masterKey }, db);
  const inTenant = <T>(work: Parameters<typeof withTenant<T>>[2]) => withTenant(db, DEFAULT_TENANT_ID, work);

  return {
    async threadOf(conversationId) {
      const [topic] = await inTenant((tx) =>
        tx
          .select({ threadId: telegramTopics.threadId })
          .from(telegramTopics)
          .where(eq(telegramTopics.conversationId, conversationId)),
      );
      return topic?.threadId;
    },
    async messagesOf(conversationId) {
      const rows = await inTenant((tx) =>
        tx
          .select({ seq: messages.seq, clientMessageId: messages.clientMessageId, content: messages.content })
          .from(messages)
          .where(eq(messages.conversationId, conversationId))
          .orderBy(asc(messages.seq)),
      );
      const opened = rows.map(async ({ content, ...row }) => ({
        ...row,
        text: (await openMessage(words, DEFAULT_TENANT_ID, content)).text,
      }));
      return Promise.all(opened);
    },
    async lastSeqs() {
      const rows = await inTenant((tx) =>
        tx.select({ id: conversations.id, lastSeq: conversations.lastSeq }).from(conversations),
      );
      return new Map(rows.map(({ id, lastSeq }) => [id, lastSeq]));
    },
    async ledger() {
      const { kind, state, lastError, repeated } = outbox;
      const rows = await inTenant((tx) => tx.select({ kind, state, lastError, repeated }).from(outbox));
      const isUnknown = (row: (typeof rows)[number]) => row.state === 'unknown' && row.repeated;
      const stuck = rows.filter((row) => row.state !== 'sent' && row.lastError !== 'dropped' && !isUnknown(row));
      return {
        rows: rows.length,
        sent: rows.filter((row) => row.state === 'sent').length,
        unknown: rows.filter(isUnknown).length,
        stuck: stuck.length,
        stuckAs: stuck.map((row) => [row.kind, row.state, row.lastError].filter(Boolean).join(' ')),
      };
    },
    async owedAnswers(conversationIds) {
      const [row] = await inTenant((tx) =>
        tx
          .select({
            owed: sql<number>`(count(*) filter (where ${messages.authorKind} = 'visitor')
              - count(*) filter (where ${messages.authorKind} = 'ai'))::int`,
          })
          .from(messages)
          .innerJoin(conversations, eq(conversations.id, messages.conversationId))
          .where(and(inArray(messages.conversationId, [...conversationIds]), sql`${conversations.owner} <> 'human'`)),
      );
      return row?.owed ?? 0;
    },
    close: () => db.close(),
  };
}

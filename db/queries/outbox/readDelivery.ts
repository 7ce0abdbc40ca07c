import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Message } from '../../../contracts/message.ts';
import { conversationNotes } from '../../schema/conversationNotes.ts';
import { conversations } from '../../schema/conversations.ts';
import { messages } from '../../schema/messages.ts';
import { outbox } from '../../schema/outbox.ts';
import { sessions } from '../../schema/sessions.ts';
import { telegramTopics } from '../../schema/telegramTopics.ts';
import { topicDeliveries } from '../../schema/topicDeliveries.ts';
import type { TenantTx } from '../../withTenant.ts';
import { openMessage, type Words } from '../../words.ts';
import { toMessage } from '../toMessage.ts';
import type { DeliveryRef } from './deliveryLease.ts';
import { openRows } from './openRows.ts';

/** More rows than one write can carry are of no use to it. */
const READ_AHEAD = 100;

const rowColumns = {
  key: outbox.key,
  kind: outbox.kind,
  priority: outbox.priority,
  state: outbox.state,
  words: outbox.text,
  silent: outbox.silent,
  repeated: outbox.repeated,
  partsSent: outbox.partsSent,
  lastError: outbox.lastError,
  targetMessageId: reactionTarget(),
  ageMs: sql<string>`extract(epoch from now() - ${outbox.createdAt}) * 1000`.mapWith(Number),
  message: {
    authorKind: messages.authorKind,
    authorName: messages.authorName,
    content: messages.content,
  },
};

const ownNotes = sql`from ${conversationNotes} where ${conversationNotes.tenantId} = ${conversations.tenantId}
  and ${conversationNotes.conversationId} = ${conversations.id}`;

/** Of a topic to which nothing was ever written. */
const NO_STATE = {
  title: null,
  closed: false,
  lost: false,
  creating: false,
  orphaned: false,
  cardMessageId: null,
  cardBotId: null,
  cardPinDue: false,
};

/** A row of the ledger that waits, with the message that it carries. */
export type OpenRow = Awaited<ReturnType<typeof readRows>>[number];

/** All that decides the next write of a conversation. */
export type Delivery = NonNullable<Awaited<ReturnType<typeof readDelivery>>>;

/** Reads the open rows in topic order, and what is known of conversation and topic. */
export async function readDelivery(tx: TenantTx, words: Words, ref: DeliveryRef) {
  const [known] = await tx
    .select({
      conversation: {
        id: conversations.id,
        title: conversations.title,
        visitorName: conversations.visitorName,
        source: conversations.source,
        status: conversations.status,
        owner: conversations.owner,
        claimedByName: conversations.claimedByName,
        snoozedUntil: conversations.snoozedUntil,
        traits: sessions.traits,
        traitsVerified: sessions.traitsVerified,
        lastSeq: conversations.lastSeq,
        visitorVerified: sql<boolean>`${sessions.verifiedUserId} is not null`,
        noteCount: sql<number>`(select count(*)::int ${ownNotes})`,
        lastNote: sql<Buffer | null>`(select ${conversationNotes.text} ${ownNotes}
          order by ${conversationNotes.createdAt} desc, ${conversationNotes.id} desc limit 1)`,
      },
      topic: { chatId: telegramTopics.chatId, threadId: telegramTopics.threadId },
      state: {
        title: topicDeliveries.title,
        closed: topicDeliveries.closed,
        lost: topicDeliveries.lost,
        creating: topicDeliveries.creating,
        orphaned: topicDeliveries.orphaned,
        cardMessageId: topicDeliveries.cardMessageId,
        cardBotId: topicDeliveries.cardBotId,
        cardPinDue: topicDeliveries.cardPinDue,
      },
    })
    .from(conversations)
    .leftJoin(telegramTopics, sameConversation(telegramTopics))
    .leftJoin(topicDeliveries, sameConversation(topicDeliveries))
    .leftJoin(sessions, sameConversation(sessions))
    .where(and(eq(conversations.tenantId, ref.tenantId), eq(conversations.id, ref.conversationId)));
  if (!known) return undefined;
  const state = known.state ?? NO_STATE;
  const { noteCount, lastNote, ...shown } = known.conversation;
  const notes = lastNote && { count: noteCount, last: await words.notes.open(ref.tenantId, lastNote) };
  return { conversation: { ...shown, notes }, topic: known.topic, state, rows: await readRows(tx, words, ref) };
}

/** A reaction of 0 is put on the message that its key names, at the end of it if it was split. */
function reactionTarget() {
  const mirrored = alias(outbox, 'mirrored');
  const messageId = sql`split_part(${outbox.key}, '_', 3)`;
  return sql<number | null>`coalesce(nullif(${outbox.targetMessageId}, 0), (
    select ${mirrored.telegramMessageIds}[array_upper(${mirrored.telegramMessageIds}, 1)] from ${outbox} ${sql.identifier('mirrored')}
    where ${mirrored.tenantId} = ${outbox.tenantId} and ${mirrored.key} = 'conv_msg_out_' || ${messageId}
      and ${outbox.kind} = 'reaction'))`.mapWith(Number);
}

function sameConversation(table: typeof telegramTopics | typeof topicDeliveries | typeof sessions) {
  return and(eq(table.tenantId, conversations.tenantId), eq(table.conversationId, conversations.id));
}

async function readRows(tx: TenantTx, words: Words, ref: DeliveryRef) {
  const rows = await tx
    .select(rowColumns)
    .from(outbox)
    .leftJoin(
      messages,
      and(
        eq(messages.tenantId, outbox.tenantId),
        eq(messages.conversationId, outbox.conversationId),
        eq(messages.id, outbox.messageId),
      ),
    )
    .where(openRows(ref))
    .orderBy(asc(outbox.ordinal))
    .limit(READ_AHEAD);
  const opened = await Promise.all(
    rows.map(async ({ message, words: effect, ...row }) => ({
      ...row,
      text: effect && (await words.effects.open(ref.tenantId, effect)),
      message: message && (await withOpenContent(words, ref, message)),
    })),
  );
  const answered = await readAnswered(
    tx,
    words,
    ref,
    opened.flatMap(({ message }) => message?.replyTo?.messageId ?? []),
  );
  return opened.map((row) => ({ ...row, answered: answered.get(row.message?.replyTo?.messageId ?? '') }));
}

/** What the rows' messages answer, by id. */
async function readAnswered(
  tx: TenantTx,
  words: Words,
  { tenantId, conversationId }: DeliveryRef,
  ids: readonly string[],
): Promise<Map<string, Message>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(messages)
    .where(
      and(eq(messages.tenantId, tenantId), eq(messages.conversationId, conversationId), inArray(messages.id, [...ids])),
    );
  const found = await Promise.all(rows.map((row) => toMessage(words, row)));
  return new Map(found.map((message) => [message.id, message]));
}

async function withOpenContent<Row extends { content: Buffer }>(words: Words, ref: DeliveryRef, message: Row) {
  const { content, ...row } = message;
  return { ...row, ...(await openMessage(words, ref.tenantId, content)) };
}

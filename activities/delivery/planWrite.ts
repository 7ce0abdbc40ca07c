import type { TopicText } from '../../channels/port.ts';
import { TOPIC_CLOSED } from '../../db/queries/outbox/peekDelivery.ts';
import type { Delivery, OpenRow } from '../../db/queries/outbox/readDelivery.ts';
import { type ComposedWrite, composeWrite } from './composeWrite.ts';
import { describeCard } from './describeCard.ts';
import { describeMenu } from './describeMenu.ts';
import { afterRefusal, describeRow, prefaceOf, wordParts } from './describeRow.ts';
import { type FilesWrite, hasFiles, planFiles } from './planFiles.ts';
import { topicTitle } from './topicTitle.ts';

/** The next write of a conversation. Writes with `keys` are those rows' own; the others prepare the topic for them. */
export type PlannedWrite =
  | { kind: 'create_topic'; title: string; keys: readonly [] }
  | { kind: 'unlock_topic'; keys: readonly [] }
  /** `afterRefusal` is the `lastError` with which its one row would be tried otherwise, where something is left to try. */
  | {
      kind: 'text';
      composed: ComposedWrite;
      keys: readonly string[];
      repeat: boolean;
      afterRefusal?: string | undefined;
    }
  | { kind: 'menu'; menu: TopicText; keys: readonly string[] }
  | FilesWrite
  | { kind: 'rename'; title: string; keys: readonly string[] }
  /** The name says how the conversation stands; it is one of the card's writes. */
  | { kind: 'retitle'; title: string; keys: readonly [] }
  | { kind: 'close_topic'; keys: readonly string[] }
  | { kind: 'reopen_topic'; keys: readonly string[] }
  /** Its row stays open until the card is pinned. */
  | { kind: 'post_card'; card: TopicText; keys: readonly string[] }
  | { kind: 'edit_card'; card: TopicText; messageId: number; keys: readonly string[] }
  | { kind: 'pin_card'; messageId: number; keys: readonly string[] }
  | { kind: 'react'; messageId: number; emoji: string; keys: readonly string[] };

/** An older reaction is dropped: what it answers has moved on. */
const STALE_REACTION_MS = 10 * 60_000;

export interface WritePlan {
  /** Rows that ask for what is so already: settled without a write. */
  moot: string[];
  /** Reactions that waited until they tell nobody anything any more. */
  stale: string[];
  /** Undefined when nothing else is open. */
  write: PlannedWrite | undefined;
}

/** Decides what goes out next, with at most `writes` of the budget. Pure: the same delivery gives the same plan. */
export function planWrite(delivery: Delivery, writes = 1, consoleUrl?: string): WritePlan {
  const stale = delivery.rows.filter(({ kind, ageMs }) => kind === 'reaction' && ageMs > STALE_REACTION_MS);
  const looks = delivery.rows.filter((row) => isLook(row) && !stale.includes(row));
  const rows = delivery.rows.filter((row) => !isLook(row));
  const start = rows.findIndex((row, index) => !isMoot(row, rows.slice(index + 1), delivery));
  const waiting = start === -1 ? [] : rows.slice(start);
  // The row that posted the card is settled by the pin; a later one must not be, for it has something new to show.
  const posted = delivery.state.cardPinDue ? looks.find(({ kind }) => kind === 'card') : undefined;
  const overtaken = looks.filter(
    (row, index) => row !== posted && looks.slice(index + 1).some((later) => overtakes(later, row)),
  );
  const done = { moot: keysOf([...rows.slice(0, rows.length - waiting.length), ...overtaken]), stale: keysOf(stale) };
  const [head] = waiting;
  if (head) return { ...done, write: nextWrite(head, waiting, delivery, writes) };
  // Looks wait for all that is said.
  const [look] = looks.filter((row) => !overtaken.includes(row)).sort((a, b) => a.priority - b.priority);
  return { ...done, write: look && (delivery.topic ? lookWrite(look, delivery, consoleUrl) : creation(delivery)) };
}

function keysOf(rows: readonly OpenRow[]): string[] {
  return rows.map(({ key }) => key);
}

/** Whether it decorates the topic, in no order with what is said in it. */
function isLook({ kind }: Pick<OpenRow, 'kind'>): boolean {
  return kind === 'card' || kind === 'reaction';
}

/** Only the newest card, and the newest reaction on a message, is worth a write. */
function overtakes(later: OpenRow, row: OpenRow): boolean {
  return later.kind === row.kind && later.targetMessageId === row.targetMessageId;
}

function lookWrite(row: OpenRow, delivery: Delivery, consoleUrl: string | undefined): PlannedWrite {
  const keys = [row.key];
  if (row.kind === 'reaction') {
    return { kind: 'react', messageId: row.targetMessageId ?? 0, emoji: row.text ?? '', keys };
  }
  const { cardMessageId: messageId, cardPinDue } = delivery.state;
  const title = topicTitle(delivery.conversation);
  if (title !== delivery.state.title) return { kind: 'retitle', title, keys: [] };
  const card = describeCard(delivery.conversation, consoleUrl);
  if (messageId === null) return { kind: 'post_card', card, keys };
  return cardPinDue ? { kind: 'pin_card', messageId, keys } : { kind: 'edit_card', card, messageId, keys };
}

function creation({ conversation }: Delivery): PlannedWrite {
  return { kind: 'create_topic', title: topicTitle(conversation), keys: [] };
}

function nextWrite(head: OpenRow, waiting: readonly OpenRow[], delivery: Delivery, writes: number): PlannedWrite {
  if (!delivery.topic) return creation(delivery);
  switch (head.kind) {
    case 'rename':
      return { kind: 'rename', title: renamed(head, delivery), keys: [head.key] };
    case 'canned_menu':
      return { kind: 'menu', menu: describeMenu(head.text ?? '[]'), keys: [head.key] };
    case 'close_topic':
    case 'reopen_topic':
      return { kind: head.kind, keys: [head.key] };
    default:
      if (head.lastError === TOPIC_CLOSED && delivery.state.closed) return { kind: 'unlock_topic', keys: [] };
      return hasFiles(head) ? filesWrite(head, delivery, writes) : textWrite(waiting, delivery);
  }
}

function filesWrite(row: OpenRow, delivery: Delivery, writes: number): PlannedWrite {
  const { conversation } = delivery;
  const entry = describeRow(row, conversation);
  const preface = prefaceOf(delivery);
  const planned = planFiles(row, entry, { writes, preface, wordParts: wordParts(row, conversation) });
  if ('files' in planned) return planned;
  const left = afterRefusal(row, conversation);
  return { kind: 'text', composed: planned, keys: [row.key], repeat: entry.repeat, afterRefusal: left };
}

function textWrite(waiting: readonly OpenRow[], delivery: Delivery): PlannedWrite {
  const end = waiting.findIndex((row) => !isText(row) || hasFiles(row));
  const texts = end === -1 ? waiting : waiting.slice(0, end);
  const entries = texts.map((row) => describeRow(row, delivery.conversation));
  const composed = composeWrite(entries, prefaceOf(delivery));
  const keys = composed.partial ? [...composed.complete, composed.partial.key] : composed.complete;
  const [head] = texts;
  const left = keys.length === 1 && head ? afterRefusal(head, delivery.conversation) : undefined;
  return { kind: 'text', composed, keys, repeat: entries[0]?.repeat ?? false, afterRefusal: left };
}

function isText(row: OpenRow): boolean {
  return row.kind === 'message' || row.kind === 'notice';
}

function renamed({ text: title }: OpenRow, { conversation }: Delivery): string {
  return topicTitle({ ...conversation, title });
}

function isMoot(row: OpenRow, after: readonly OpenRow[], delivery: Delivery): boolean {
  const { topic, state } = delivery;
  if (isText(row) || row.kind === 'canned_menu') return false;
  // A topic that is made later gets the newest title, and is open.
  if (!topic) return true;
  if (row.kind === 'close_topic') return state.closed;
  if (row.kind === 'reopen_topic') return !state.closed;
  const renamedAgain = after.some((later) => later.kind === 'rename');
  return renamedAgain || renamed(row, delivery) === state.title;
}

import type { Delivery, OpenRow } from '../../db/queries/outbox/readDelivery.ts';
import { type ComposedWrite, composeWrite } from './composeWrite.ts';
import { describeRow, summaryLine } from './describeRow.ts';
import { shortTitle, topicTitle } from './topicTitle.ts';

/** `lastError` of rows that met a closed topic. */
export const TOPIC_CLOSED = 'topic_closed';

/** The next write of a conversation. Writes with `keys` are those rows' own; the others prepare the topic for them. */
export type PlannedWrite =
  | { kind: 'create_topic'; title: string; keys: readonly [] }
  | { kind: 'unlock_topic'; keys: readonly [] }
  | { kind: 'text'; composed: ComposedWrite; keys: readonly string[]; repeat: boolean }
  | { kind: 'rename'; title: string; keys: readonly string[] }
  | { kind: 'close_topic'; keys: readonly string[] }
  | { kind: 'reopen_topic'; keys: readonly string[] };

export interface WritePlan {
  /** Rows that ask for what is so already: settled without a write. */
  moot: string[];
  /** Undefined when nothing else is open. */
  write: PlannedWrite | undefined;
}

/** Decides what goes out next. Pure: the same delivery gives the same plan. */
export function planWrite(delivery: Delivery): WritePlan {
  const { rows } = delivery;
  const start = rows.findIndex((row, index) => !isMoot(row, index, delivery));
  const waiting = start === -1 ? [] : rows.slice(start);
  const moot = rows.slice(0, rows.length - waiting.length).map(({ key }) => key);
  const head = waiting[0];
  return { moot, write: head && nextWrite(head, waiting, delivery) };
}

function nextWrite(head: OpenRow, waiting: readonly OpenRow[], delivery: Delivery): PlannedWrite {
  if (!delivery.topic) return { kind: 'create_topic', title: topicTitle(delivery.conversation), keys: [] };
  switch (head.kind) {
    case 'rename':
      return { kind: 'rename', title: shortTitle(head.text ?? ''), keys: [head.key] };
    case 'close_topic':
    case 'reopen_topic':
      return { kind: head.kind, keys: [head.key] };
    default:
      if (head.lastError === TOPIC_CLOSED && delivery.state.closed) return { kind: 'unlock_topic', keys: [] };
      return textWrite(waiting, delivery);
  }
}

function textWrite(waiting: readonly OpenRow[], delivery: Delivery): PlannedWrite {
  const end = waiting.findIndex((row) => !isText(row));
  const texts = end === -1 ? waiting : waiting.slice(0, end);
  const entries = texts.map((row) => describeRow(row, delivery.conversation));
  const composed = composeWrite(entries, delivery.state.lost ? summaryLine(delivery) : undefined);
  const keys = composed.partial ? [...composed.complete, composed.partial.key] : composed.complete;
  return { kind: 'text', composed, keys, repeat: entries[0]?.repeat ?? false };
}

function isText(row: OpenRow): boolean {
  return row.kind === 'message' || row.kind === 'notice';
}

function isMoot(row: OpenRow, index: number, { rows, topic, state }: Delivery): boolean {
  if (isText(row)) return false;
  // A topic that is made later gets the newest title, and is open.
  if (!topic) return true;
  if (row.kind === 'close_topic') return state.closed;
  if (row.kind === 'reopen_topic') return !state.closed;
  const renamedAgain = rows.slice(index + 1).some((later) => later.kind === 'rename');
  return renamedAgain || shortTitle(row.text ?? '') === state.title;
}

import type { Attachment } from '../../contracts/file.ts';
import type { AnswerSource, Author, Choice, TextEntity } from '../../contracts/message.ts';
import { lastOf } from './lastOf.ts';
import { type Quotation, quotationOf } from './quotationOf.ts';
import type { Note, WidgetState } from './types.ts';

type DeliveryStatus = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** A file of a message; `progress` (0 to 1) is there while it is being sent. */
export interface FileItem extends Attachment {
  progress?: number;
}

export interface MessageItem {
  kind: 'message';
  /** Stays the same from the optimistic send or first delta to the recorded message. */
  key: string;
  /** Of the recorded message. */
  id?: string;
  author: Author;
  text: string;
  /** ISO 8601; undefined while it streams. */
  at?: string;
  /** First and last of a run by the same author. */
  first: boolean;
  last: boolean;
  streaming: boolean;
  sources: readonly AnswerSource[];
  files: readonly FileItem[];
  /** The text is literal, with this formatting. */
  entities?: readonly TextEntity[];
  /** What it answers, in short. */
  quote?: Quotation;
  edited: boolean;
  /** Of the visitor's own messages. */
  status?: DeliveryStatus;
  failure?: string;
}

export type TimelineItem =
  | MessageItem
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'time'; key: string; at: string };

/** A pause this long gets a line with the time. */
const PAUSE_MS = 30 * 60_000;
const RUN_MS = 5 * 60_000;

/** What the list shows, from top to bottom: recorded messages with notes between, then drafts, then what waits to be sent. */
export function timeline(state: WidgetState): TimelineItem[] {
  const items: TimelineItem[] = [];
  for (const note of state.notes) if (note.afterSeq === 0) items.push({ kind: 'note', key: note.key, note });
  for (const item of recorded(state)) {
    items.push(item.entry);
    for (const note of state.notes) if (note.afterSeq === item.seq) items.push({ kind: 'note', key: note.key, note });
  }
  return withRuns(withTimes([...items, ...drafts(state), ...waiting(state)]));
}

/** Quick replies that can be pressed now: those of the last message, until the visitor has answered. */
export function openChoices({ messages, outgoing, drafts, closed }: WidgetState): readonly Choice[] {
  const last = lastOf(messages);
  if (closed || drafts.length > 0 || outgoing.some(({ phase }) => phase !== 'failed')) return [];
  return last?.direction === 'OUTBOUND' ? (last.choices ?? []) : [];
}

function messageItem(part: Pick<MessageItem, 'key' | 'author' | 'text'> & Partial<MessageItem>): MessageItem {
  return { kind: 'message', first: true, last: true, streaming: false, sources: [], files: [], edited: false, ...part };
}

function recorded({ messages, readByAgentSeq }: WidgetState): { seq: number; entry: MessageItem }[] {
  return messages.map((message) => {
    const own = message.direction === 'INBOUND';
    const entry = messageItem({
      key: (own ? message.clientMessageId : undefined) ?? message.id,
      id: message.id,
      author: message.author,
      text: message.text,
      at: message.createdAt,
      sources: message.sources ?? [],
      files: message.attachments ?? [],
      entities: message.entities,
      quote: message.replyTo && quotationOf(message.replyTo, messages),
      edited: message.editedAt !== undefined,
      status: own ? (message.seq <= readByAgentSeq ? 'read' : 'delivered') : undefined,
    });
    return { seq: message.seq, entry };
  });
}

function drafts(state: WidgetState): MessageItem[] {
  return state.drafts.map(({ id, text }) => messageItem({ key: id, author: { kind: 'ai' }, text, streaming: true }));
}

function waiting({ outgoing, messages }: WidgetState): MessageItem[] {
  return outgoing.map(({ clientMessageId, text, files = [], replyTo, createdAt, phase, acked, failure }) =>
    messageItem({
      key: clientMessageId,
      author: { kind: 'visitor' },
      text,
      files: files.map(({ progress, uploaded, ...file }) => (uploaded ? file : { ...file, progress })),
      at: createdAt,
      quote: replyTo === undefined ? undefined : quotationOf({ messageId: replyTo }, messages),
      status: phase === 'failed' ? 'failed' : acked ? 'sent' : 'sending',
      failure,
    }),
  );
}

function withTimes(items: TimelineItem[]): TimelineItem[] {
  let before = 0;
  return items.flatMap((item) => {
    if (item.kind !== 'message' || !item.at) return [item];
    const at = Date.parse(item.at);
    const paused = at - before > PAUSE_MS || new Date(at).getDate() !== new Date(before).getDate();
    before = Math.max(before, at);
    return paused ? [{ kind: 'time', key: `time:${item.key}`, at: item.at }, item] : [item];
  });
}

function withRuns(items: TimelineItem[]): TimelineItem[] {
  return items.map((item, index) => {
    if (item.kind !== 'message') return item;
    return { ...item, first: !sameRun(items[index - 1], item), last: !sameRun(item, items[index + 1]) };
  });
}

function sameRun(a: TimelineItem | undefined, b: TimelineItem | undefined): boolean {
  if (a?.kind !== 'message' || b?.kind !== 'message') return false;
  if (a.author.kind !== b.author.kind || (a.author.name ?? '') !== (b.author.name ?? '')) return false;
  return !a.at || !b.at || Date.parse(b.at) - Date.parse(a.at) < RUN_MS;
}

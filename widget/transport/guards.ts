import type { Attachment } from '../../contracts/file.ts';
import type {
  AnswerSource,
  Author,
  AuthorKind,
  Choice,
  Message,
  ReplyTo,
  TextEntity,
} from '../../contracts/message.ts';
import type { Closing } from '../../contracts/rating.ts';

/** A JSON object of which nothing is known yet. */
export type Unknowns = Record<string, unknown>;

const ENTITY_TYPES = ['bold', 'italic', 'underline', 'strikethrough', 'code', 'pre', 'quote', 'link'] as const;
const AUTHOR_KINDS: readonly AuthorKind[] = ['visitor', 'bot', 'ai', 'agent', 'system'];

export function isObject(value: unknown): value is Unknowns {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A whole number from 0 up: a seq, an offset, a count. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}

export function optionalText(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

/** Parses JSON to an object; undefined for anything else, never a throw. */
export function parseObject(json: string): Unknowns | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every well-formed element of a list; undefined when there is none. */
function parseList<T>(value: unknown, parse: (item: Unknowns) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parsed = value.flatMap((item: unknown) => (isObject(item) ? (parse(item) ?? []) : []));
  return parsed.length > 0 ? parsed : undefined;
}

function parseChoice({ id, label }: Unknowns): Choice | undefined {
  return isText(id) && isText(label) ? { id, label } : undefined;
}

function parseSource({ title, url }: Unknowns): AnswerSource | undefined {
  return isText(title) ? { title, url: optionalText(url) } : undefined;
}

/** A file as a message or the answer to an upload names it. */
export function parseAttachment({ id, name, type, size }: Unknowns): Attachment | undefined {
  return isText(id) && isText(name) && isText(type) && isCount(size) ? { id, name, type, size } : undefined;
}

function parseEntity({ type, offset, length, url }: Unknowns): TextEntity | undefined {
  const known = ENTITY_TYPES.find((kind) => kind === type);
  return known && isCount(offset) && isCount(length)
    ? { type: known, offset, length, url: optionalText(url) }
    : undefined;
}

/** Undefined when there is no list: then the text is Markdown. */
export function parseEntityList(value: unknown): TextEntity[] | undefined {
  return Array.isArray(value) ? (parseList(value, parseEntity) ?? []) : undefined;
}

function parseReplyTo(value: unknown): ReplyTo | undefined {
  if (!isObject(value) || !isText(value.messageId)) return undefined;
  return { messageId: value.messageId, quote: optionalText(value.quote) };
}

/** A rating of 1 to 5. */
export function isRating(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= 5;
}

/** How the conversation stands: null for an open one, undefined where that was not said. */
export function parseClosing(value: unknown): Closing | null | undefined {
  if (isObject(value)) return { rating: isRating(value.rating) ? value.rating : null };
  return value === null ? null : undefined;
}

function parseAuthor(value: unknown): Author | undefined {
  if (!isObject(value)) return undefined;
  const kind = AUTHOR_KINDS.find((known) => known === value.kind);
  return kind && { kind, name: optionalText(value.name) };
}

/** A message as contracts/message.ts describes it; undefined when a required field is missing or of the wrong type. */
export function parseMessage(raw: Unknowns): Message | undefined {
  const { id, seq, direction, text, createdAt } = raw;
  const author = parseAuthor(raw.author);
  if (!author || !isText(id) || !isCount(seq) || seq < 1 || !isText(text) || !isText(createdAt)) return undefined;
  if (direction !== 'INBOUND' && direction !== 'OUTBOUND') return undefined;
  return {
    id,
    seq,
    direction,
    author,
    text,
    entities: parseEntityList(raw.entities),
    replyTo: parseReplyTo(raw.replyTo),
    editedAt: optionalText(raw.editedAt),
    createdAt,
    clientMessageId: optionalText(raw.clientMessageId),
    choices: parseList(raw.choices, parseChoice),
    sources: parseList(raw.sources, parseSource),
    attachments: parseList(raw.attachments, parseAttachment),
    agent: optionalText(raw.agent),
  };
}

/** As {@link parseMessage}, for a list; malformed members are left out. */
export function parseMessages(value: unknown): Message[] {
  return parseList(value, parseMessage) ?? [];
}

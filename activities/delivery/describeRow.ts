import type { FormattedText } from '../../channels/port.ts';
import { fromMarkdown } from '../../channels/telegram/formatting/fromMarkdown.ts';
import { splitText } from '../../channels/telegram/splitText.ts';
import type { AuthorKind, TextEntity } from '../../contracts/message.ts';
import type { Delivery, OpenRow } from '../../db/queries/outbox/readDelivery.ts';
import { partCount, type TopicEntry } from './composeWrite.ts';
import { FILES_REFUSED } from './filesRefused.ts';

/** `lastError` of rows that were refused in one write: each is tried by itself. */
export const REFUSED_TOGETHER = 'refused_together';

/** `lastError` of rows that were refused with their formatting: they go out without it. */
const REFUSED_FORMATTED = 'refused_formatted';

/** `lastError` of rows whose words were refused: agents see at least that there is a message. */
const REFUSED_WORDS = 'refused_words';

/** A row with one of them shares no write. */
const REFUSALS = [REFUSED_TOGETHER, REFUSED_FORMATTED, REFUSED_WORDS, FILES_REFUSED];

/** Stands in the place of words that Telegram refuses. */
export const UNSHOWN = '⚠️ Telegram refused to show this message. It is in the history of the conversation.';

const HEADINGS: Record<AuthorKind, { sign: string; name: string }> = {
  visitor: { sign: '🧑', name: 'Visitor' },
  bot: { sign: '🤖', name: 'Bot' },
  ai: { sign: '✨', name: 'AI' },
  agent: { sign: '👤', name: 'Agent' },
  system: { sign: '⚙️', name: 'System' },
};

/** Of what a message answers, in UTF-16 code units: enough to know it by. */
const QUOTE_LENGTH = 150;

/** In the place of the visitor's sign, where no name can put it: the site has said who this is. */
export const VERIFIED_SIGN = '🪪';

/** What of a conversation is read in each of its rows. */
type Visitor = Pick<Delivery['conversation'], 'visitorName' | 'visitorVerified'>;

/** How a row reads in the topic: a message below its author's name, a notice by itself. */
export function describeRow(row: OpenRow, visitor: Visitor): TopicEntry {
  const common = {
    key: row.key,
    silent: row.silent,
    repeat: row.state === 'unknown',
    partsSent: row.lastError === REFUSED_WORDS ? 0 : row.partsSent,
    alone: REFUSALS.some((refusal) => refusal === row.lastError),
    bare: row.lastError === REFUSED_FORMATTED,
  };
  if (!row.message) return { ...common, heading: null, body: plain(`🔔 ${row.text ?? 'This message was erased.'}`) };
  const { authorKind, authorName, choices, sources } = row.message;
  const { sign: usualSign, name } = HEADINGS[authorKind];
  const sign = visitor.visitorVerified && authorKind === 'visitor' ? VERIFIED_SIGN : usualSign;
  const shown = authorName ?? (authorKind === 'visitor' ? visitor.visitorName : null) ?? name;
  const heading = `${sign} ${shown}`;
  const missing = missingFiles(row, visitor);
  if (missing && isSaid(row, visitor)) return { ...common, partsSent: 0, heading, body: plain(missing) };
  const choiceLine = choices?.length ? `\n▫️ ${choices.map(({ label }) => label).join('  ▫️ ')}` : '';
  const { text, entities } = bodyOf(row, row.message);
  const sourceLines = (sources ?? []).map(({ title, url }) => `\n📎 ${url ? `${title} (${url})` : title}`).join('');
  return {
    ...common,
    heading,
    body: { text: `${text}${choiceLine}${sourceLines}${missing && `\n${missing}`}`, entities },
  };
}

/** How many parts the words of a row with files have. Its progress counts them and then the files, whatever was refused. */
export function wordParts(row: OpenRow, visitor: Visitor): number {
  return partCount(describeRow({ ...row, lastError: null }, visitor));
}

/** Whether the words of a row with files are out. */
function isSaid(row: OpenRow, visitor: Visitor): boolean {
  return row.partsSent >= wordParts(row, visitor);
}

/** A line for each file that agents will not get; empty while there is hope. */
function missingFiles(row: OpenRow, visitor: Visitor): string {
  if (row.lastError !== FILES_REFUSED) return '';
  const sent = Math.max(0, row.partsSent - wordParts(row, visitor));
  const missing = row.message?.attachments?.slice(sent) ?? [];
  return missing.map(({ name }) => `⚠️ A file could not be delivered: ${name}`).join('\n');
}

function plain(text: string): FormattedText {
  return { text, entities: [] };
}

type MessageRow = NonNullable<OpenRow['message']>;

/**
 * The `lastError` that makes the next attempt say otherwise what Telegram refused to take from the row alone; undefined when
 * nothing is left to try.
 */
export function afterRefusal(row: OpenRow, visitor: Visitor): string | undefined {
  const { lastError, message } = row;
  if (!message || lastError === REFUSED_WORDS) return undefined;
  // The words may be what was refused with the files; once they are out, only names of files are left.
  if (lastError === FILES_REFUSED && isSaid(row, visitor)) return undefined;
  const isFormatted = bodyOf(row, message).entities.length > 0 && row.partsSent === 0;
  return isFormatted && lastError !== REFUSED_FORMATTED ? REFUSED_FORMATTED : REFUSED_WORDS;
}

/** What is said in the message, below what it answers, unless Telegram refuses it. */
function bodyOf(row: OpenRow, message: MessageRow): FormattedText {
  return row.lastError === REFUSED_WORDS ? plain(UNSHOWN) : below(quotation(row), formatted(message));
}

/** What the message answers, on one line: the words, else the names of the files. Empty where it answers nothing that is there. */
function quotation({ message, answered }: OpenRow): string {
  if (!answered) return '';
  const { author, text, entities, attachments = [] } = answered;
  const words = message?.replyTo?.quote ?? formatted({ authorKind: author.kind, text, entities }).text;
  const line = words.replace(/\s+/g, ' ').trim() || attachments.map(({ name }) => `📎 ${name}`).join(' ');
  const [start = ''] = splitText(line, QUOTE_LENGTH);
  return start.length < line.length ? `${start.trimEnd()}…` : line;
}

function below(quoted: string, { text, entities }: FormattedText): FormattedText {
  if (quoted === '') return { text, entities };
  const quote: TextEntity = { type: 'quote', offset: 0, length: quoted.length };
  const moved = entities.map((entity) => ({ ...entity, offset: entity.offset + quoted.length + 1 }));
  return { text: `${quoted}\n${text}`, entities: [quote, ...moved] };
}

/** A visitor's words are taken literally, as are those that come with their formatting; all else is Markdown. */
function formatted({
  authorKind,
  text,
  entities,
}: Pick<MessageRow, 'authorKind' | 'text' | 'entities'>): FormattedText {
  if (entities) return { text, entities };
  return authorKind === 'visitor' ? plain(text) : fromMarkdown(text);
}

/** Stands at the head of a topic whose creation was asked for twice. */
export const POSSIBLE_TWIN =
  '⚠️ An empty topic of this name may exist beside this one: Telegram did not confirm the first attempt.';

/** What a topic begins with that takes the place of another, or may have a twin. */
export function prefaceOf(delivery: Delivery): string | undefined {
  const { lost, orphaned } = delivery.state;
  const lines = [orphaned ? POSSIBLE_TWIN : '', lost ? summaryLine(delivery) : ''].filter(Boolean);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

function summaryLine({ conversation: { lastSeq, source, visitorName, title } }: Delivery): string {
  const facts = [title, visitorName, source.url, `${lastSeq} messages so far`].filter(Boolean);
  return `♻️ The earlier topic of this conversation was deleted. ${facts.join(' · ')}`;
}

import type { FormattedText, TopicText } from '../../channels/port.ts';
import { sliceFormatted, splitFormatted } from '../../channels/telegram/formatting/splitFormatted.ts';
import { MAX_TELEGRAM_TEXT, splitText } from '../../channels/telegram/splitText.ts';
import type { TextEntity } from '../../contracts/message.ts';

/** One row of the ledger as the topic shows it. */
export interface TopicEntry {
  key: string;
  /** Who says it, e.g. `🧑 Anna`; null for a notice. */
  heading: string | null;
  body: FormattedText;
  silent: boolean;
  /** Nobody knows whether it arrived already. */
  repeat: boolean;
  /** Of a long body: how many parts are out. */
  partsSent: number;
  /** It was refused together with others: only alone can be told which one is at fault. */
  alone: boolean;
  /** Its formatting was refused: it goes out without, in the same parts. */
  bare: boolean;
}

/** What one write carries. `complete` rows are out with it; `partial` is the last row, when more parts of it follow. */
export interface ComposedWrite {
  content: TopicText;
  silent: boolean;
  complete: string[];
  partial: { key: string; partsSent: number } | undefined;
}

/** Stands at the head of a write that may have arrived before. */
export const POSSIBLE_REPEAT = '⚠️ Possible repeat: Telegram did not confirm the first attempt.';

/** Longest part of a body: leaves room for the longest preface, heading and part number. In UTF-16 code units. */
const PART_LENGTH = 3_600;

const HEADING_LENGTH = 100;

interface Part {
  key: string;
  heading: string | null;
  content: FormattedText;
  /** 1 and 1 for a body that fits. */
  number: number;
  of: number;
}

/**
 * Fills one write with as many of the first entries as fit, in order. Repetitions never share a write with what is new, so
 * that the mark is true for all that stands below it. `preface` is put above, at most 300 code units.
 */
export function composeWrite(entries: readonly TopicEntry[], preface?: string): ComposedWrite {
  const first = entries[0];
  if (!first) throw new RangeError('nothing to compose');
  const text = new TextBuilder();
  if (preface) text.line(preface.slice(0, 300));
  if (first.repeat) text.line(POSSIBLE_REPEAT);
  const write: ComposedWrite = { content: text, silent: true, complete: [], partial: undefined };
  for (const entry of companions(first, entries)) {
    const parts = partsOf(entry);
    const fitting = takeParts(text, parts.slice(entry.partsSent));
    if (fitting > 0) write.silent &&= entry.silent;
    if (entry.partsSent + fitting >= parts.length) {
      write.complete.push(entry.key);
      continue;
    }
    if (fitting > 0) write.partial = { key: entry.key, partsSent: entry.partsSent + fitting };
    break;
  }
  return { ...write, content: { text: text.text, entities: text.entities } };
}

/** The entries that may share a write with the first one. */
function companions(first: TopicEntry, entries: readonly TopicEntry[]): readonly TopicEntry[] {
  if (first.alone) return [first];
  const end = entries.findIndex((entry) => entry.repeat !== first.repeat || entry.alone);
  return end === -1 ? entries : entries.slice(0, end);
}

/** Adds parts until one does not fit; the first of a write always does. */
function takeParts(text: TextBuilder, parts: readonly Part[]): number {
  const end = parts.findIndex((part) => !text.add(part));
  return end === -1 ? parts.length : end;
}

/** How many parts an entry has: one, for all that fits into a message. */
export function partCount(entry: TopicEntry): number {
  return partsOf(entry).length;
}

/** The same parts at every attempt, whatever they share a write with: progress is counted in them. */
function partsOf({ key, heading, body, bare }: TopicEntry): Part[] {
  const pieces = splitFormatted(body, PART_LENGTH)
    .map((piece) => sliceFormatted(piece, 0, piece.text.trimEnd().length))
    .filter(({ text }, index) => index === 0 || text !== '');
  const shortHeading = heading === null ? null : (splitText(heading, HEADING_LENGTH)[0] ?? heading).trim();
  return pieces.map((content, index) => ({
    key,
    heading: shortHeading,
    content: bare ? { text: content.text, entities: [] } : content,
    number: index + 1,
    of: pieces.length,
  }));
}

class TextBuilder implements TopicText {
  text = '';
  readonly entities: TextEntity[] = [];
  private heading: string | null = null;

  line(line: string): void {
    this.text += `${line}\n`;
  }

  /** False when the part does not fit any more. */
  add(part: Part): boolean {
    const heading = part.of > 1 && part.heading ? `${part.heading} (${part.number}/${part.of})` : part.heading;
    // Lines that follow each other from the same author stand below one heading.
    const label = heading !== null && heading !== this.heading ? `${heading}:` : '';
    const separator = this.text === '' || this.text.endsWith('\n') ? '' : '\n';
    // A quotation is a block: it begins a line.
    const lead = `${separator}${label}${label && (beginsWithQuote(part.content) ? '\n' : ' ')}`;
    const { text, entities } = part.content;
    if (this.text !== '' && this.text.length + lead.length + text.length > MAX_TELEGRAM_TEXT) return false;
    if (label) this.entities.push({ type: 'bold', offset: this.text.length + separator.length, length: label.length });
    this.text += lead;
    for (const entity of entities) this.entities.push({ ...entity, offset: this.text.length + entity.offset });
    this.text += text;
    this.heading = heading;
    return true;
  }
}

function beginsWithQuote({ entities }: FormattedText): boolean {
  return entities.some(({ type, offset }) => offset === 0 && type === 'quote');
}

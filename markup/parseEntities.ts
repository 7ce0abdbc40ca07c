import type { TextEntity } from '../contracts/message.ts';
import { safeUrl } from './parseMarkdown.ts';

/** A piece of formatted text; views turn it into nodes, text never becomes markup. */
export type Span =
  | { kind: 'text'; text: string }
  | { kind: Exclude<TextEntity['type'], 'link'>; content: Span[] }
  | { kind: 'link'; url: string; content: Span[] };

/**
 * The tree that a text's entities describe. What does not hold together (an entity beyond the text or across another's end,
 * a link to anywhere but the web) loses its formatting, never its words.
 */
export function parseEntities(text: string, entities: readonly TextEntity[]): Span[] {
  const sorted = entities
    .filter((entity) => isShown(entity) && entity.offset + entity.length <= text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  return spansOf(text, sorted, 0, text.length);
}

function isShown({ type, url, length }: TextEntity): boolean {
  return length > 0 && (type !== 'link' || safeUrl(url ?? '') !== undefined);
}

/** The part of the text from `start` to `end`, with those of the entities that lie in it. */
function spansOf(text: string, entities: readonly TextEntity[], start: number, end: number): Span[] {
  const spans: Span[] = [];
  let at = start;
  for (const [index, entity] of entities.entries()) {
    const entityEnd = entity.offset + entity.length;
    if (entity.offset < at || entityEnd > end) continue;
    addText(spans, text.slice(at, entity.offset));
    spans.push(toSpan(entity, spansOf(text, entities.slice(index + 1), entity.offset, entityEnd)));
    at = entityEnd;
  }
  addText(spans, text.slice(at, end));
  return spans;
}

function toSpan({ type, url }: TextEntity, content: Span[]): Span {
  return type === 'link' ? { kind: 'link', url: safeUrl(url ?? '') ?? '', content } : { kind: type, content };
}

/** A block ends its line by itself. */
function addText(spans: Span[], text: string): void {
  const last = spans[spans.length - 1]?.kind;
  const shown = last === 'pre' || last === 'quote' ? text.replace(/^\n/, '') : text;
  if (shown !== '') spans.push({ kind: 'text', text: shown });
}

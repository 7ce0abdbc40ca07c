import type { FormattedText } from '../../port.ts';
import { cutPosition } from '../splitText.ts';

/**
 * Cuts as `splitText` does, and not within an entity: a piece ends before one that does not fit any more. Only an entity that
 * is longer than `limit` itself is cut, and goes on in the next piece.
 */
export function splitFormatted({ text, entities }: FormattedText, limit: number): FormattedText[] {
  const pieces: FormattedText[] = [];
  let start = 0;
  while (text.length - start > limit) {
    const end = start + beforeEntities({ text, entities }, start, cutPosition(text.slice(start), limit));
    pieces.push(sliceFormatted({ text, entities }, start, end));
    start = end;
  }
  return [...pieces, sliceFormatted({ text, entities }, start, text.length)];
}

/** A part of a text, with the parts of its entities that lie in it. */
export function sliceFormatted({ text, entities }: FormattedText, start: number, end: number): FormattedText {
  const kept = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : [];
  });
  return { text: text.slice(start, end), entities: kept };
}

/** Where the piece from `start` ends that was to be `length` long. */
function beforeEntities({ entities }: FormattedText, start: number, length: number): number {
  const cut = start + length;
  const broken = entities.filter(({ offset, length }) => offset > start && offset < cut && offset + length > cut);
  return Math.min(cut, ...broken.map(({ offset }) => offset)) - start;
}

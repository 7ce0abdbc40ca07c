/**
 * How the model tells us what is not for the visitor's eyes: `[[UNKNOWN]]` instead of an answer, and `[[SOURCES: 1, 3]]`
 * (numbers of the passages) as the answer's last line.
 */
export const UNKNOWN_MARKER = '[[UNKNOWN]]';
export const SOURCES_MARKER = '[[SOURCES: 1, 2]]';

const MARKER = /\s*\[\[\s*(?:(unknown)|sources?([^[\]\n]{0,80}))\s*\]{0,2}/i;
const UNFINISHED_MARKER = /\s*\[\[\s*[a-z]*$/i;
// Anything that later text could turn into a marker, and white space, which an ending answer must not keep.
const MAYBE_MARKER = new RegExp(`\\s*(?:\\[(?:\\[\\s*(?:${prefixesOf('unknown')}|${prefixesOf('source')})?)?)?$`, 'i');
const BARE_UNKNOWN = 'UNKNOWN';

/** What is known once the stream has ended. `text` is what was still held back; `passages` are 1-based numbers. */
export interface MarkedEnd {
  text: string;
  unknown: boolean;
  passages: number[];
}

export interface MarkerReader {
  /** Takes a piece of the model's output in, returns what may be shown now (may be empty). */
  push(piece: string): string;
  /** Call once, at the end of the stream. */
  end(): MarkedEnd;
}

/**
 * Separates an answer from its markers while it streams, wherever the stream is cut into pieces. Text that may yet become
 * a marker is held back until it is certain. The shown text never starts or ends with white space.
 */
export function createMarkerReader(): MarkerReader {
  const passages = new Set<number>();
  let unknown = false;
  let held = '';
  let opening = '';
  let started = false;

  /** Some models leave the brackets out: nothing is shown while all there is could be the bare word. */
  function show(text: string): string {
    if (started) return text;
    opening += text;
    if (BARE_UNKNOWN.startsWith(lettersOf(opening))) return '';
    started = true;
    return opening.trimStart();
  }

  function takeMarkers(ended: boolean): string {
    let text = '';
    for (;;) {
      const found = MARKER.exec(held);
      if (!found) break;
      const end = found.index + found[0].length;
      // It may go on in the next piece.
      if (end === held.length && !ended) break;
      if (found[1]) unknown = true;
      for (const number of found[2]?.match(/\d+/g) ?? []) passages.add(Number(number));
      text += held.slice(0, found.index);
      // What stood on both sides must not grow together, least of all into another marker.
      held = held.slice(end).replace(/^(?=\S)/, ' ');
    }
    return text;
  }

  return {
    push(piece) {
      held += piece;
      let text = takeMarkers(false);
      const keepFrom = MARKER.exec(held)?.index ?? held.search(MAYBE_MARKER);
      text += held.slice(0, keepFrom);
      held = held.slice(keepFrom);
      return show(text);
    },
    end() {
      const rest = takeMarkers(true) + held.replace(UNFINISHED_MARKER, '');
      let text = show(rest.trimEnd());
      if (!started) {
        if (lettersOf(opening) === BARE_UNKNOWN) unknown = true;
        else text = opening.trim();
      }
      return { text, unknown, passages: [...passages] };
    },
  };
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}]/gu, '').toUpperCase();
}

/** `abc` becomes a pattern for `a`, `ab` and `abc`. */
function prefixesOf(word: string): string {
  return [...word].reduceRight((longer, letter) => `${letter}(?:${longer})?`, '').replace('(?:)?', '');
}

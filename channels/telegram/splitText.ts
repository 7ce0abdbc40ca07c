/** Longest text of one message after entities are parsed, in UTF-16 code units. Source: Bot API, sendMessage. */
export const MAX_TELEGRAM_TEXT = 4_096;

/** A cluster longer than that (piled-up combining marks) may be cut. */
const LONGEST_GRAPHEME = 32;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Cuts a text into pieces of at most `limit` UTF-16 code units that joined give the text again: at a line's end if the
 * piece stays at least half full, else between words, else between graphemes, never inside a surrogate pair.
 */
export function splitText(text: string, limit: number = MAX_TELEGRAM_TEXT): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const at = cutPosition(rest, limit);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}

/** Where the first piece of a text that is longer than `limit` ends. */
export function cutPosition(text: string, limit: number): number {
  let graphemeEnd = 0;
  let wordEnd = 0;
  let lineEnd = 0;
  for (const { segment, index } of segmenter.segment(text.slice(0, limit + LONGEST_GRAPHEME))) {
    const blank = segment.trim() === '';
    if (index === limit && blank) wordEnd = limit;
    const end = index + segment.length;
    if (end > limit) break;
    graphemeEnd = end;
    if (blank) wordEnd = end;
    if (segment.endsWith('\n')) lineEnd = end;
  }
  if (lineEnd >= limit / 2) return lineEnd;
  return wordEnd || graphemeEnd || codePointEnd(text, limit);
}

function codePointEnd(text: string, limit: number): number {
  const code = text.charCodeAt(limit - 1);
  const highSurrogate = code >= 0xd800 && code <= 0xdbff;
  return highSurrogate && limit > 1 ? limit - 1 : limit;
}

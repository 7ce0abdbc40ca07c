/** A part of a document that makes sense alone. `heading` is the nearest one above it. */
export interface Passage {
  heading?: string;
  text: string;
}

// Paragraphs are put together up to this many characters: a chat bubble that is still read, not skimmed.
const COMFORTABLE_LENGTH = 600;

/**
 * Splits a document (plain text or Markdown) into passages: at headings, else between paragraphs, never within one. Short
 * neighbours under one heading stay together.
 */
export function splitPassages(body: string): Passage[] {
  const passages: Passage[] = [];
  let heading: string | undefined;
  let open: Passage | undefined;
  for (const block of body.split(/\n\s*\n|\n(?=#)|(?<=^#.*)\n/m)) {
    const text = block.trim();
    const title = /^#{1,6}\s+(.+)$/.exec(text)?.[1];
    if (title) {
      heading = title;
      open = undefined;
    } else if (open && open.text.length + text.length <= COMFORTABLE_LENGTH) {
      open.text += `\n\n${text}`;
    } else if (text) {
      open = { ...(heading && { heading }), text };
      passages.push(open);
    }
  }
  return passages;
}

/**
 * A text as it is compared: no case, punctuation, emoji or spacing, so that `💬 Talk to a human` equals `talk to a human!`.
 * A text without any letter or digit is compared as it is.
 */
export function normaliseText(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? text.trim() : words;
}

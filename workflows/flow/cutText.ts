/** The first `length` UTF-16 code units of a text, one fewer where that would tear a character in two. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const tears = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, tears ? length - 1 : length);
}

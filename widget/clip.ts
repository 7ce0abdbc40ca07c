/** The first `length` UTF-16 code units of a text, without what the server refuses: NUL and half surrogate pairs. */
export function clip(text: string, length: number): string {
  return text.slice(0, length).replace(/\0|\p{Surrogate}/gu, '');
}

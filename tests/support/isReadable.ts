/** Whether the words stand in the bytes: as they are, as JSON escapes them, or in base64 or hex at any offset. */
export function isReadable(bytes: Buffer, words: string): boolean {
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + words).toString('base64');
    return encoded.slice(offset === 0 ? 0 : 4, -4);
  });
  const inHex = Buffer.from(words).toString('hex');
  return [words, JSON.stringify(words).slice(1, -1), inHex, ...inBase64].some((form) => bytes.includes(form));
}

const REPLACEMENT = '\uFFFD';

/**
 * JSON that Postgres can take apart: it refuses NUL characters and half surrogate pairs, which any visitor can send. Each
 * becomes U+FFFD, so that no message can stop its conversation.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}

function storable(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).replace(/\p{Surrogate}/gu, REPLACEMENT);
}

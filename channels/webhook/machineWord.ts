const WORD = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/;
const MAX_LENGTH = 64;

/**
 * Of an answer in JSON its `code`, `error` or `type`, where that is a word for machines (`invalid_signature`). All else that a
 * receiver says may be about people, and is not kept.
 */
export function machineWord(body: string): string | undefined {
  const answer = parsed(body);
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { code, error, type } = answer as Record<string, unknown>;
  return [code, error, type].find((value): value is string => typeof value === 'string' && isWord(value));
}

function isWord(value: string): boolean {
  return value.length <= MAX_LENGTH && WORD.test(value);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

import { randomBytes } from 'node:crypto';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const WORD = /canary[0-9a-f]{16}/gi;
/** Long enough to hold a word or an id. */
const BASE64 = /[A-Za-z0-9+/_-]{22,}={0,2}/g;

/** Words that occur nowhere else, and which of them were given out. */
export interface Mint {
  readonly words: ReadonlySet<string>;
  word(): string;
}

export function createMint(): Mint {
  const words = new Set<string>();
  return {
    words,
    word() {
      const word = `canary${randomBytes(8).toString('hex')}`;
      words.add(word);
      return word;
    },
  };
}

/** Every id and every canary in a text, also where it is escaped for an address or lies in base64 (tokens, sealed payloads). */
export function marksIn(text: string): Set<string> {
  const encoded = text.match(BASE64) ?? [];
  const texts = [text, unescaped(text), ...encoded.map((part) => Buffer.from(part, 'base64url').toString('latin1'))];
  const marks = texts.flatMap((one) => [...(one.match(UUID) ?? []), ...(one.match(WORD) ?? [])]);
  return new Set(marks.map((mark) => mark.toLowerCase()));
}

function unescaped(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => Buffer.from(escaped.replaceAll('%', ''), 'hex').toString());
}

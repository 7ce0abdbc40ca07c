import type { TelegramEntity } from '../state/telegramTypes.ts';

const detectors: readonly [type: string, pattern: RegExp][] = [
  ['url', /\b(?:https?:\/\/|www\.)[^\s<>"]*[^\s<>".,;:!?)\]}'…]/giu],
  ['email', /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gu],
  ['bot_command', /(?<=^|[\s(])\/[a-z0-9_]{1,64}(?:@[a-z0-9_]{3,32})?(?![\w/])/giu],
  ['mention', /(?<=^|[^\w/@])@[a-z][a-z0-9_]{3,31}\b/giu],
  ['hashtag', /(?<=^|[\s(])#[\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*/gu],
];

const opaque: ReadonlySet<string> = new Set(['code', 'pre', 'text_link']);

/** What Telegram finds in a text by itself, outside of code and links. */
export function detectEntities(text: string, given: TelegramEntity[]): TelegramEntity[] {
  const taken = given.filter((entity) => opaque.has(entity.type));
  const found: TelegramEntity[] = [];
  for (const [type, pattern] of detectors) {
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length };
      const overlaps = (other: TelegramEntity): boolean =>
        other.offset < entity.offset + entity.length && entity.offset < other.offset + other.length;
      if (![...taken, ...found].some(overlaps)) found.push(entity);
    }
  }
  return found;
}

import type { TelegramEntity } from '../state/telegramTypes.ts';
import { badRequest, type TelegramError } from '../telegramError.ts';

export interface FormattedText {
  text: string;
  entities: TelegramEntity[];
}

/** An entity that was opened and waits for its end. */
export interface OpenEntity {
  entity: Omit<TelegramEntity, 'length'>;
  /** What closes it: a tag's name in HTML, a mark in MarkdownV2. */
  mark: string;
  /** Where it began in the source, in UTF-16 units. */
  sourceOffset: number;
}

export function cannotParse(reason: string): TelegramError {
  return badRequest(`can't parse entities: ${reason}`);
}

/** Telegram counts offsets in its error texts in bytes of UTF-8. */
export function byteOffset(source: string, index: number): number {
  return Buffer.byteLength(source.slice(0, index));
}

/** Entities in Telegram's order: by where they begin, longer first. Empty ones are dropped. */
export function sortEntities(entities: TelegramEntity[]): TelegramEntity[] {
  return entities.filter((entity) => entity.length > 0).sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/** Cuts white space at both ends as Telegram does, and moves the entities with it. */
export function trimFormattedText({ text, entities }: FormattedText): FormattedText {
  const start = text.length - text.trimStart().length;
  const end = Math.max(start, text.trimEnd().length);
  const moved = entities.map((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return { ...entity, offset: from - start, length: to - from };
  });
  return { text: text.slice(start, end), entities: sortEntities(moved) };
}

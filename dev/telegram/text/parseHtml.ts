import type { TelegramEntity } from '../state/telegramTypes.ts';
import { byteOffset, cannotParse, type FormattedText, type OpenEntity, sortEntities } from './formattedText.ts';

const simpleTags: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  code: 'code',
  pre: 'pre',
};

const namedCharacters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

function decodeCharacter(name: string): string | undefined {
  if (!name.startsWith('#')) return namedCharacters[name];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code < 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function decodeText(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name: string) => decodeCharacter(name) ?? whole);
}

function readAttributes(source: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const match of source.matchAll(/([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)) {
    const [, name = '', double, single, bare] = match;
    attributes[name.toLowerCase()] = decodeText(double ?? single ?? bare ?? '');
  }
  return attributes;
}

function describeTag(tag: string, attributes: Record<string, string>, at: number): Partial<TelegramEntity> | undefined {
  if (tag === 'a') return attributes['href'] ? { type: 'text_link', url: attributes['href'] } : { type: '' };
  if (tag === 'blockquote') return { type: 'expandable' in attributes ? 'expandable_blockquote' : 'blockquote' };
  if (tag === 'tg-emoji') return { type: 'custom_emoji', custom_emoji_id: attributes['emoji-id'] };
  if (tag === 'span') {
    if (attributes['class'] === 'tg-spoiler') return { type: 'spoiler' };
    throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
  }
  const type = simpleTags[tag];
  if (type === undefined) return undefined;
  const language = tag === 'code' ? attributes['class']?.match(/^language-(.+)$/)?.[1] : undefined;
  return { type, ...(language && { language }) };
}

/** `<pre><code class="language-x">` is one entity: pre with a language. */
function mergeCodeInPre(entities: TelegramEntity[]): TelegramEntity[] {
  const same = (a: TelegramEntity, b: TelegramEntity) => a.offset === b.offset && a.length === b.length;
  const merged = entities.map((entity) => {
    if (entity.type !== 'pre') return entity;
    const code = entities.find((other) => other.type === 'code' && same(entity, other));
    return code?.language ? { ...entity, language: code.language } : entity;
  });
  return merged
    .filter((entity) => entity.type !== 'code' || !merged.some((other) => other.type === 'pre' && same(entity, other)))
    .map((entity) => {
      if (entity.type !== 'code') return entity;
      const { language: _, ...code } = entity;
      return code;
    });
}

/** Parses Telegram's HTML subset; the errors are Telegram's. */
export function parseHtml(source: string): FormattedText {
  let text = '';
  const entities: TelegramEntity[] = [];
  const open: OpenEntity[] = [];
  let index = 0;
  while (index < source.length) {
    if (source[index] !== '<') {
      const next = source.indexOf('<', index);
      const end = next < 0 ? source.length : next;
      text += decodeText(source.slice(index, end));
      index = end;
      continue;
    }
    const at = byteOffset(source, index);
    const end = source.indexOf('>', index);
    if (source[index + 1] === '/') {
      if (end < 0) throw cannotParse(`Unclosed end tag at byte offset ${at}`);
      const tag = source
        .slice(index + 2, end)
        .trim()
        .toLowerCase();
      const last = open.pop();
      if (!last) throw cannotParse(`Unexpected end tag at byte offset ${at}`);
      if (tag && tag !== last.mark) {
        throw cannotParse(`Unmatched end tag at byte offset ${at}, expected "</${last.mark}>", found "</${tag}>"`);
      }
      closeEntity(last, text, entities);
    } else {
      if (end < 0) throw cannotParse(`Unclosed start tag at byte offset ${at}`);
      const [, name = '', rest = ''] = /^([^\s>]*)([\s\S]*)$/.exec(source.slice(index + 1, end)) ?? [];
      const tag = name.toLowerCase();
      const described = describeTag(tag, readAttributes(rest), at);
      if (!described) throw cannotParse(`Unsupported start tag "${tag}" at byte offset ${at}`);
      const entity = { type: '', ...described, offset: text.length };
      open.push({ entity, mark: tag, sourceOffset: index });
    }
    index = end + 1;
  }
  const unclosed = open.pop();
  if (unclosed) throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.mark}"`);
  return { text, entities: mergeCodeInPre(sortEntities(entities)) };
}

function closeEntity({ entity }: OpenEntity, text: string, entities: TelegramEntity[]): void {
  const length = text.length - entity.offset;
  if (entity.type) entities.push({ ...entity, length });
  else if (/^https?:\/\//.test(text.slice(entity.offset))) {
    entities.push({ type: 'text_link', url: text.slice(entity.offset), offset: entity.offset, length });
  }
}

import type { TelegramEntity } from '../state/telegramTypes.ts';
import { badRequest } from '../telegramError.ts';
import { detectEntities } from './detectEntities.ts';
import { type FormattedText, sortEntities, trimFormattedText } from './formattedText.ts';
import { parseHtml } from './parseHtml.ts';
import { parseMarkdownV2 } from './parseMarkdownV2.ts';

/** Telegram's limits, in UTF-16 units after entities are parsed. */
const maxTextLength = 4096;
const maxCaptionLength = 1024;

/** Longer sources, in bytes, are not even parsed. */
const maxSourceBytes = 32_768;

function parse(source: string, parseMode: string | undefined, entities: TelegramEntity[]): FormattedText {
  switch (parseMode?.toLowerCase() ?? '') {
    case '':
    case 'none':
      return { text: source, entities: entities.filter(({ offset }) => offset >= 0 && offset < source.length) };
    case 'html':
      return parseHtml(source);
    case 'markdownv2':
      return parseMarkdownV2(source);
    default:
      throw badRequest('unsupported parse_mode');
  }
}

/** The text and entities that Telegram shows for what was sent; throws when they are too long or broken. */
export function formatText(
  source: string,
  parseMode: string | undefined,
  entities: TelegramEntity[],
  kind: 'text' | 'caption',
): FormattedText {
  if (Buffer.byteLength(source) > maxSourceBytes) throw badRequest('text is too long');
  const formatted = trimFormattedText(parse(source.replaceAll('\r', ''), parseMode, entities));
  if (kind === 'text' && formatted.text === '') {
    throw badRequest(source === '' ? 'message text is empty' : 'text must be non-empty');
  }
  if (kind === 'text' && formatted.text.length > maxTextLength) throw badRequest('message is too long');
  if (kind === 'caption' && formatted.text.length > maxCaptionLength) throw badRequest('message caption is too long');
  const detected = detectEntities(formatted.text, formatted.entities);
  return { text: formatted.text, entities: sortEntities([...formatted.entities, ...detected]) };
}

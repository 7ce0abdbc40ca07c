import { z } from 'zod';
import type { TextEntity } from '../../../contracts/message.ts';
import { safeUrl } from '../../../markup/parseMarkdown.ts';

/** An entity of the Bot API; offsets count UTF-16 code units there as well. */
export const messageEntitySchema = z.object({
  type: z.string(),
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive(),
  url: z.string().optional(),
});
type MessageEntity = z.infer<typeof messageEntitySchema>;

const KNOWN: Readonly<Record<string, TextEntity['type']>> = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'strikethrough',
  code: 'code',
  pre: 'pre',
  blockquote: 'quote',
  expandable_blockquote: 'quote',
  text_link: 'link',
  url: 'link',
};

/** More than people write; what one message may cost its readers has to have an end. */
const MOST_ENTITIES = 200;

/** The formatting that a visitor's widget knows too; mentions, hashtags and the like stay plain words. */
export function readEntities(text: string, entities: readonly MessageEntity[]): TextEntity[] {
  return entities.flatMap((entity) => readEntity(text, entity) ?? []).slice(0, MOST_ENTITIES);
}

function readEntity(text: string, { type, offset, length, url }: MessageEntity): TextEntity | undefined {
  const known = KNOWN[type];
  if (!known || offset + length > text.length) return undefined;
  if (known !== 'link') return { type: known, offset, length };
  const address = type === 'url' ? withScheme(text.slice(offset, offset + length)) : (url ?? '');
  const safe = safeUrl(address);
  return safe === undefined ? undefined : { type: known, offset, length, url: safe };
}

/** Telegram marks `example.com` as an address too. */
function withScheme(address: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
}

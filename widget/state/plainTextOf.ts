import type { Message } from '../../contracts/message.ts';
import { toPlainText } from '../../markup/parseMarkdown.ts';

/** A message's words without any formatting, on one line. */
export function plainTextOf({ text, entities, direction }: Pick<Message, 'text' | 'entities' | 'direction'>): string {
  return entities || direction === 'INBOUND' ? text.replace(/\s+/g, ' ').trim() : toPlainText(text);
}

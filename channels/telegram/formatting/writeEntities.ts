import type { MessageEntity } from 'telegraf/types';
import type { TextEntity } from '../../../contracts/message.ts';

/** Our entities as the Bot API takes them. */
export function writeEntities(entities: readonly TextEntity[]): MessageEntity[] {
  return entities.map(({ type, offset, length, url }) => {
    switch (type) {
      case 'link':
        return { type: 'text_link', offset, length, url: url ?? '' };
      case 'quote':
        return { type: 'blockquote', offset, length };
      default:
        return { type, offset, length };
    }
  });
}

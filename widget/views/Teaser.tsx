import type { Message } from '../../contracts/message.ts';
import { lastOf } from '../state/lastOf.ts';
import { plainTextOf } from '../state/plainTextOf.ts';
import { Avatar, authorName } from './Avatar.tsx';
import { copy } from './copy.ts';
import { CloseIcon } from './icons.tsx';

interface TeaserProps {
  message: Message;
  onOpen(): void;
  onDismiss(): void;
}

/** The newest unread message beside the closed launcher. */
export function Teaser({ message, onOpen, onDismiss }: TeaserProps) {
  return (
    <div class="teaser" role="status">
      <button type="button" class="teaser-body" onClick={onOpen}>
        <Avatar author={message.author} />
        <span class="teaser-text">
          <strong>{authorName(message.author)}</strong>
          <span class="clamp">{plainTextOf(message) || lastOf(message.attachments ?? [])?.name}</span>
        </span>
      </button>
      <button type="button" class="teaser-close" aria-label={copy.dismiss} onClick={onDismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}

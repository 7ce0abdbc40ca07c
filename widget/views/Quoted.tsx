import type { Quotation } from '../state/quotationOf.ts';
import { authorName } from './Avatar.tsx';
import { copy } from './copy.ts';
import { CloseIcon } from './icons.tsx';

/** What a message answers, above its words. */
export function Quoted({ author, text }: Quotation) {
  return (
    <div class="quoted">
      <strong>{author.kind === 'visitor' ? copy.you : authorName(author)}</strong>
      <span class="clamp">{text}</span>
    </div>
  );
}

/** What the next message will answer, above the box, with a way back. */
export function QuotedTray({ quoted: { author, text }, onCancel }: { quoted: Quotation; onCancel(): void }) {
  return (
    <div class="answering">
      <div class="quoted" id="parley-answering">
        <strong>{author.kind === 'visitor' ? copy.replyingToYou : copy.replying(authorName(author))}</strong>
        <span class="clamp">{text}</span>
      </div>
      <button type="button" class="detach" aria-label={copy.cancelReply} onClick={onCancel}>
        <CloseIcon />
      </button>
    </div>
  );
}

import type { TargetedDragEvent, TargetedKeyboardEvent } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Message } from '../../contracts/message.ts';
import { lastOf } from '../state/lastOf.ts';
import { plainTextOf } from '../state/plainTextOf.ts';
import { openChoices, timeline } from '../state/timeline.ts';
import type { WidgetState } from '../state/types.ts';
import { authorName } from './Avatar.tsx';
import type { Actions, Site } from './actions.ts';
import { Composer } from './Composer.tsx';
import { copy } from './copy.ts';
import { isFullScreen, keepFocusInside } from './focus.ts';
import { Header } from './Header.tsx';
import { MessageList } from './MessageList.tsx';
import { useAnswering } from './useAnswering.ts';
import { usePickedFiles } from './usePickedFiles.ts';

/** Stays in the document while closed, so that a half-written text is still there when it opens again. */
export function Panel({ state, site, actions }: { state: WidgetState; site: Site; actions: Actions }) {
  const dialog = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!state.open) return;
    // On a phone the keyboard would hide half of the conversation: there the visitor taps the box.
    const target = isFullScreen() ? dialog.current : input.current;
    target?.focus({ preventScroll: true });
  }, [state.open]);

  function onKeyDown(event: TargetedKeyboardEvent<HTMLDivElement>): void {
    if (event.key === 'Escape') (answering.quoted ? answering.cancel : actions.close)();
    else if (event.key === 'Tab' && isFullScreen()) keepFocusInside(event);
  }

  const answering = useAnswering(state.messages);
  function reply(messageId: string): void {
    answering.choose(messageId);
    input.current?.focus();
  }

  const picked = usePickedFiles(site.fileBytes);
  const [dragging, setDragging] = useState(false);
  const takesFiles = site.fileBytes > 0 && state.link !== 'refused';

  function onDrag(event: TargetedDragEvent<HTMLDivElement>): void {
    if (!takesFiles || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setDragging(event.type === 'dragover');
  }
  function onDrop(event: TargetedDragEvent<HTMLDivElement>): void {
    onDrag(event);
    if (takesFiles) picked.add(event.dataTransfer?.files);
    input.current?.focus();
  }

  const items = useMemo(() => timeline(state), [state]);
  const choices = openChoices(state);
  return (
    <div
      ref={dialog}
      class={`panel ${state.open ? 'is-open' : ''}`}
      role="dialog"
      aria-modal={state.open && isFullScreen()}
      aria-label={copy.dialog(site.look.title)}
      aria-hidden={!state.open}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onDragOver={onDrag}
      onDragLeave={onDrag}
      onDrop={onDrop}
    >
      <Header state={state} look={site.look} onClose={actions.close} />
      <MessageList
        items={items}
        choices={choices}
        typing={state.typing && { kind: state.typing.author, name: state.agent }}
        rating={state.outgoing.length === 0 ? state.rating : undefined}
        online={state.link === 'online'}
        open={state.open}
        look={site.look}
        onReply={reply}
        actions={actions}
      />
      <div class="sr" aria-live="polite">
        {announcement(state)}
      </div>
      <Composer
        inputRef={input}
        messageLength={site.messageLength}
        closed={state.closed}
        refused={state.link === 'refused'}
        picked={takesFiles ? picked : undefined}
        answering={answering}
        actions={actions}
      />
      {dragging && <div class="drop-zone">{copy.dropHere}</div>}
      <div class="powered">
        {copy.poweredBy} <strong>Parley</strong>
      </div>
    </div>
  );
}

/** Files by their names. */
function spoken(message: Message): string {
  const { author, attachments = [] } = message;
  const parts = [plainTextOf(message), ...attachments.map(({ name }) => name)];
  return `${authorName(author)}: ${parts.filter(Boolean).join(', ')}`;
}

/**
 * Whole messages only: a screen reader must not read every piece of a streamed answer. A note is said while nothing newer has
 * been.
 */
function announcement({ open, messages, notes }: WidgetState): string {
  const last = lastOf(messages);
  const note = lastOf(notes);
  if (open && note?.kind === 'rated' && note.afterSeq >= (last?.seq ?? 0)) return copy.ratedNote;
  return open && last?.direction === 'OUTBOUND' ? spoken(last) : '';
}

import type { TargetedClipboardEvent, TargetedInputEvent, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Actions } from './actions.ts';
import { copy } from './copy.ts';
import { SendIcon } from './icons.tsx';
import { AttachButton, PickedTray } from './PickedTray.tsx';
import { QuotedTray } from './Quoted.tsx';
import type { Answering } from './useAnswering.ts';
import type { PickedFiles } from './usePickedFiles.ts';

interface ComposerProps {
  inputRef: { current: HTMLTextAreaElement | null };
  messageLength: number;
  closed: boolean;
  refused: boolean;
  /** Undefined where no files are taken. */
  picked: PickedFiles | undefined;
  answering: Answering;
  actions: Pick<Actions, 'send'>;
}

const MAX_HEIGHT_PX = 128;

/** The text box: grows with its text, Enter sends, Shift+Enter makes a line. What was not taken stays. */
export function Composer({ inputRef, messageLength, closed, refused, picked, answering, actions }: ComposerProps) {
  const [text, setText] = useState('');
  const [full, setFull] = useState(false);
  const over = text.trim().length - messageLength;
  const files = picked?.files ?? [];
  const ready = (text.trim().length > 0 || files.length > 0) && over <= 0 && !refused;

  useLayoutEffect(() => {
    const input = inputRef.current;
    if (!input) return;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT_PX)}px`;
  }, [text, inputRef]);

  function onInput(event: TargetedInputEvent<HTMLTextAreaElement>): void {
    setText(event.currentTarget.value);
    setFull(false);
  }
  function onKeyDown(event: TargetedKeyboardEvent<HTMLTextAreaElement>): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  }
  function submit(): void {
    if (!ready) return;
    const taken = actions.send(text, { files, replyTo: answering.messageId });
    setFull(!taken);
    if (taken) {
      setText('');
      picked?.clear();
      answering.cancel();
    }
    inputRef.current?.focus();
  }
  function cancelReply(): void {
    answering.cancel();
    inputRef.current?.focus();
  }
  function onPaste(event: TargetedClipboardEvent<HTMLTextAreaElement>): void {
    const pasted = event.clipboardData?.files;
    if (!picked || !pasted || pasted.length === 0) return;
    event.preventDefault();
    picked.add(pasted);
  }
  const trouble = over > 0 ? copy.tooLong(over) : full ? copy.queueFull : picked?.trouble;
  const placeholder = closed ? copy.placeholderClosed : copy.placeholder;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="feedback" role="alert">
        {trouble}
      </div>
      {answering.quoted && <QuotedTray quoted={answering.quoted} onCancel={cancelReply} />}
      {picked && <PickedTray picked={picked} />}
      <div class={`box ${trouble ? 'has-trouble' : ''}`}>
        {picked && <AttachButton onPick={picked.add} disabled={refused} />}
        <textarea
          ref={inputRef}
          rows={1}
          value={text}
          disabled={refused}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-describedby={answering.quoted && 'parley-answering'}
          aria-invalid={Boolean(trouble)}
          enterkeyhint="send"
          onInput={onInput}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <button type="submit" class="send" aria-label={copy.send} disabled={!ready}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

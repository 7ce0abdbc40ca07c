import type { TargetedInputEvent, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Actions } from './actions.ts';
import { copy } from './copy.ts';
import { SendIcon } from './icons.tsx';

interface ComposerProps {
  inputRef: { current: HTMLTextAreaElement | null };
  messageLength: number;
  closed: boolean;
  refused: boolean;
  actions: Pick<Actions, 'send'>;
}

const MAX_HEIGHT_PX = 128;

/** The text box: grows with its text, Enter sends, Shift+Enter makes a line. A text that was not taken stays. */
export function Composer({ inputRef, messageLength, closed, refused, actions }: ComposerProps) {
  const [text, setText] = useState('');
  const [full, setFull] = useState(false);
  const over = text.trim().length - messageLength;
  const ready = text.trim().length > 0 && over <= 0 && !refused;

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
    const taken = actions.send(text);
    setFull(!taken);
    if (taken) setText('');
    inputRef.current?.focus();
  }
  const trouble = over > 0 ? copy.tooLong(over) : full ? copy.queueFull : undefined;
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
      <div class={`box ${trouble ? 'has-trouble' : ''}`}>
        <textarea
          ref={inputRef}
          rows={1}
          value={text}
          disabled={refused}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-invalid={Boolean(trouble)}
          enterkeyhint="send"
          onInput={onInput}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send" aria-label={copy.send} disabled={!ready}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

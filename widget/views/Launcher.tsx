import type { Ref } from 'preact';
import { copy } from './copy.ts';
import { ChatIcon, ChevronDownIcon } from './icons.tsx';

interface LauncherProps {
  buttonRef: Ref<HTMLButtonElement>;
  open: boolean;
  unread: number;
  onPress(): void;
}

export function Launcher({ buttonRef, open, unread, onPress }: LauncherProps) {
  const label = open ? copy.close : unread > 0 ? `${copy.open}, ${copy.unread(unread)}` : copy.open;
  return (
    <button
      ref={buttonRef}
      type="button"
      class={`launcher ${open ? 'is-open' : ''}`}
      aria-label={label}
      aria-expanded={open}
      aria-haspopup="dialog"
      onClick={onPress}
    >
      <span class="launcher-icon chat">
        <ChatIcon />
      </span>
      <span class="launcher-icon chevron">
        <ChevronDownIcon size={26} />
      </span>
      {!open && unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 9 ? '9+' : unread}
        </span>
      )}
    </button>
  );
}

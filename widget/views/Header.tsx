import type { SiteLook } from '../../contracts/site.ts';
import type { WidgetState } from '../state/types.ts';
import { Avatar } from './Avatar.tsx';
import { copy } from './copy.ts';
import { ChevronDownIcon } from './icons.tsx';

interface HeaderProps {
  state: WidgetState;
  look: SiteLook;
  onClose(): void;
}

export function Header({ state, look, onClose }: HeaderProps) {
  const trouble = connectionTrouble(state);
  const { agent } = state;
  return (
    <header class="header">
      <span class="header-avatar">
        <Avatar author={agent ? { kind: 'agent', name: agent } : { kind: 'bot' }} />
        <span class={`dot ${trouble ? 'is-off' : ''}`} />
      </span>
      <div class="header-text">
        <h2>{look.title}</h2>
        <p role="status" class={trouble ? 'trouble' : ''}>
          {trouble ?? (agent ? copy.helping(agent) : look.subtitle)}
        </p>
      </div>
      <button type="button" class="icon-button" aria-label={copy.close} onClick={onClose}>
        <ChevronDownIcon />
      </button>
    </header>
  );
}

function connectionTrouble({ link, conversationId }: WidgetState): string | undefined {
  if (link === 'refused') return copy.refused;
  if (link !== 'stopped' && !navigator.onLine) return copy.offline;
  if (link === 'waiting') return copy.reconnecting;
  return link === 'connecting' && conversationId ? copy.connecting : undefined;
}

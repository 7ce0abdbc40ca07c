import { useEffect, useRef, useState } from 'preact/hooks';
import { latestUnread, unreadCount } from '../state/selectors.ts';
import type { WidgetState } from '../state/types.ts';
import type { Actions, Site } from './actions.ts';
import { Launcher } from './Launcher.tsx';
import { Panel } from './Panel.tsx';
import { Teaser } from './Teaser.tsx';

/** The whole widget. Focus goes into the panel when it opens and back to the launcher when it closes. */
export function App({ state, site, actions }: { state: WidgetState; site: Site; actions: Actions }) {
  const launcher = useRef<HTMLButtonElement>(null);
  const [dismissed, setDismissed] = useState<string>();
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !state.open) launcher.current?.focus();
    wasOpen.current = state.open;
  }, [state.open]);
  const news = state.open ? undefined : latestUnread(state);
  return (
    <div class={`root ${site.look.position}`}>
      <Panel state={state} site={site} actions={actions} />
      {news && news.id !== dismissed && (
        <Teaser message={news} onOpen={actions.open} onDismiss={() => setDismissed(news.id)} />
      )}
      <Launcher
        buttonRef={launcher}
        open={state.open}
        unread={unreadCount(state)}
        onPress={state.open ? actions.close : actions.open}
      />
    </div>
  );
}

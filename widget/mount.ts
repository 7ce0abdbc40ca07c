import { h, render } from 'preact';
import type { ConfigResponse } from '../contracts/webchat.ts';
import { describeVisit } from './describeVisit.ts';
import { FileShelf } from './fileShelf.ts';
import type { Command, Visitor } from './loader/commands.ts';
import type { EmbedOptions } from './loader/readScript.ts';
import { Session } from './session.ts';
import { reduce } from './state/reduce.ts';
import { type Action, INITIAL_STATE, type WidgetState } from './state/types.ts';
import { createConversationMemory } from './storage.ts';
import { createStore } from './store.ts';
import { Connection } from './transport/connection.ts';
import { createCredentials } from './transport/credentials.ts';
import { createFileApi } from './transport/fileApi.ts';
import type { HttpApi } from './transport/httpApi.ts';
import { openWebSocket } from './transport/openWebSocket.ts';
import { App } from './views/App.tsx';
import type { Actions } from './views/actions.ts';
import { createShadow } from './views/createShadow.ts';
import { createPalette } from './views/palette.ts';
import styles from './views/styles.css';

export interface MountOptions extends EmbedOptions {
  api: HttpApi;
  config: ConfigResponse;
  /** Read when the conversation begins. */
  visitor: Visitor;
}

/** A widget on the page: takes the page's commands until it is removed. */
export interface Widget {
  run(command: Exclude<Command, readonly ['setVisitor', Visitor]>): void;
}

/** Puts the layers together and the widget on the page. Connects when the panel opens, or at once when there is a conversation. */
export function mount(options: MountOptions): Widget {
  const { api, config, siteKey, visitor } = options;
  const store = createStore<WidgetState, Action>(reduce, INITIAL_STATE);
  const memory = createConversationMemory(siteKey);
  const shelf = new FileShelf(createFileApi(options.apiUrl));
  const session = new Session({
    store,
    shelf,
    messageLength: config.limits.messageLength,
    authorise: createCredentials({ api, siteKey, config, memory, describeVisitor: () => describe(visitor) }),
    loadMessages: api.messages,
    connect: (own) => new Connection({ ...own, openSocket: openWebSocket(options.apiUrl) }),
  });
  const shadow = createShadow({ styles, palette: createPalette(config.look.accent), nonce: options.nonce });
  const actions = createActions(store, session, shelf);
  const stopDrawing = draw(store, () => {
    const site = { look: config.look, messageLength: config.limits.messageLength, fileBytes: config.limits.fileBytes };
    render(h(App, { state: store.get(), site, actions }), shadow.container);
  });
  const unwatch = watchPage(store, session);
  if (memory.read()) session.start();

  function remove(): void {
    unwatch();
    stopDrawing();
    session.stop();
    shelf.clear();
    render(null, shadow.container);
    shadow.remove();
  }
  return {
    run([name]) {
      if (name === 'remove') remove();
      else if (name === 'close' || (name === 'toggle' && store.get().open)) actions.close();
      else actions.open();
    },
  };
}

function describe({ name, ...named }: Visitor) {
  const { referrer } = document;
  const source = describeVisit({ href: window.location.href, referrer, language: navigator.language });
  return { visitorName: name, ...named, source };
}

function createActions(
  store: ReturnType<typeof createStore<WidgetState, Action>>,
  session: Session,
  shelf: FileShelf,
): Actions {
  return {
    open() {
      store.dispatch({ type: 'panel', open: true });
      session.start();
    },
    close: () => store.dispatch({ type: 'panel', open: false }),
    send: (text, options) => session.send(text, options) === 'queued',
    fileUrl: (id) => shelf.url(id, session.conversationToken),
    choose: (choice) => void session.send(choice.label, { choice }),
    rate: (rating) => store.dispatch({ type: 'rate', rating }),
    retry: (clientMessageId) => store.dispatch({ type: 'retry', clientMessageId }),
    remove: (clientMessageId) => store.dispatch({ type: 'remove', clientMessageId }),
  };
}

/** Draws once for all the transitions of one task. */
function draw(store: ReturnType<typeof createStore<WidgetState, Action>>, paint: () => void): () => void {
  let due = false;
  let stopped = false;
  paint();
  const unsubscribe = store.subscribe(() => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      if (!stopped) paint();
    });
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

/** Follows what happens to the page: hidden or in front, offline or back. Returns the remover. */
function watchPage(store: ReturnType<typeof createStore<WidgetState, Action>>, session: Session): () => void {
  const onVisibility = () => {
    const visible = document.visibilityState === 'visible';
    store.dispatch({ type: 'visibility', visible });
    if (visible) session.wake();
  };
  // Offline too: the socket is probed at once, instead of at its next ping.
  const onNetworkChange = () => session.wake();
  onVisibility();
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('online', onNetworkChange);
  window.addEventListener('offline', onNetworkChange);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    window.removeEventListener('online', onNetworkChange);
    window.removeEventListener('offline', onNetworkChange);
  };
}
